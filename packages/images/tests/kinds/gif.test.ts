import { describe, expect, it } from '@jest/globals';
import { decode } from '../../src/decode.ts';
import { madeGif, type MadeGif } from '../made-gif.ts';
import { refusal } from '../refusal.ts';

const colours = [10, 20, 30, 40];
const greys = async (gif: MadeGif) => {
  const { width, height, data } = await decode(madeGif(gif));
  return [width, height, [...data.filter((_, i) => i % 3 === 0)]];
};

describe('decode, GIF', () => {
  const whole = { screen: [3, 2], frame: [0, 0, 3, 2], indices: [0, 1, 2, 3, 2, 1] } as const;
  const part = { screen: [3, 2], frame: [1, 1, 2, 1], indices: [2, 3] } as const;

  it.each<{ title: string; gif: MadeGif; width?: number; height?: number; pixels: number[] }>([
    { title: 'looks up the palette', gif: { ...whole, colours }, pixels: [10, 20, 30, 40, 30, 20] },
    {
      title: "takes the frame's own palette before the screen's",
      gif: { ...whole, colours, ownColours: [1, 2, 3, 4] },
      pixels: [1, 2, 3, 4, 3, 2],
    },
    {
      title: 'shows the colour of a transparent pixel',
      gif: { ...whole, colours, transparent: 2 },
      pixels: [10, 20, 30, 40, 30, 20],
    },
    { title: 'surrounds a frame with the first colour', gif: { ...part, colours }, pixels: [10, 10, 10, 10, 30, 40] },
    {
      title: 'surrounds a frame with its transparent colour',
      gif: { ...part, colours, transparent: 1 },
      pixels: [20, 20, 20, 20, 30, 40],
    },
    { title: 'takes an index for grey where there is no palette', gif: part, pixels: [0, 0, 0, 0, 2, 3] },
    {
      title: 'enlarges the screen to hold the frame',
      gif: { screen: [1, 1], frame: [1, 0, 1, 2], indices: [1, 2], colours },
      width: 2,
      pixels: [10, 20, 10, 30],
    },
    {
      title: 'puts the rows of an interlaced frame in their order',
      gif: {
        screen: [1, 9],
        frame: [0, 0, 1, 9],
        indices: [0, 1, 2, 0, 1, 2, 0, 1, 3],
        interlaced: true,
        colours: [0, 1, 2, 3],
      },
      width: 1,
      height: 9,
      // Written are rows 0 and 8, then 4, then 2 and 6, then 1, 3, 5 and 7.
      pixels: [0, 2, 0, 0, 2, 1, 1, 3, 1],
    },
    {
      title: 'expands codes for strings, one of them while it is being defined',
      // Clear, 1, the code 6 that is only now defined as 1 1, then 2: 1 11 2.
      gif: { screen: [2, 2], frame: [0, 0, 2, 2], codes: [4, 1, 6, 2, 5], colours },
      width: 2,
      pixels: [20, 20, 20, 30],
    },
    {
      title: 'looks at nothing behind the last pixel',
      gif: { ...whole, codes: [4, 0, 1, 4, 2, 3, 4, 2, 1, 3, 7, 7], colours },
      pixels: [10, 20, 30, 40, 30, 20],
    },
  ])('$title', async ({ gif, width = 3, height = 2, pixels }) => {
    expect(await greys(gif)).toEqual([width, height, pixels]);
  });

  it.each<{ title: string; gif: MadeGif; message: string }>([
    {
      title: 'the codes end before the last pixel',
      gif: { ...whole, colours, indices: [0, 1, 2] },
      message: 'the GIF ends before its last pixel',
    },
    {
      title: 'a code is used before it is defined',
      gif: { ...whole, colours, codes: [4, 1, 7] },
      message: 'the GIF is damaged: an invalid code',
    },
    {
      title: 'the first code is no colour',
      gif: { ...whole, colours, codes: [4, 6] },
      message: 'the GIF is damaged: an invalid code',
    },
    { title: 'a frame without pixels', gif: { ...whole, frame: [0, 0, 0, 2] }, message: 'the GIF has no pixels' },
    {
      title: 'more pixels than Pillow reads',
      gif: { ...whole, screen: [20_000, 20_000] },
      message: 'the GIF has 20000 × 20000 pixels, more than 178956970',
    },
    {
      title: 'a frame that makes the screen too large',
      gif: { ...whole, frame: [60_000, 60_000, 3, 2] },
      message: 'the GIF has 60003 × 60002 pixels, more than 178956970',
    },
  ])('refuses: $title', async ({ gif, message }) => {
    expect((await refusal(decode(madeGif(gif)))).message).toBe(message);
  });

  it('refuses a file that ends anywhere before its last pixel', async () => {
    const bytes = madeGif({ ...whole, colours, transparent: 2 });
    for (let length = 6; length < bytes.length - 2; length++) {
      expect((await refusal(decode(bytes.subarray(0, length)))).code).toBe('OOD_IMAGE_UNREADABLE');
    }
  });
});
