import { describe, expect, it } from '@jest/globals';
import { decode } from '../../src/decode.ts';
import { refusal } from '../refusal.ts';

interface MadeBmp {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly compression?: number;
  readonly masks?: readonly number[];
  readonly palette?: readonly number[];
  readonly colours?: number;
  readonly pixels: readonly number[];
}

/** Writes a BMP with Windows' header of 40 bytes. */
function madeBmp({
  width,
  height,
  bits,
  compression = 0,
  masks = [],
  palette = [],
  colours = 0,
  pixels,
}: MadeBmp): Buffer {
  const head = Buffer.alloc(54 + 4 * masks.length);
  head.write('BM');
  head.writeUInt32LE(head.length + palette.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(compression, 30);
  head.writeUInt32LE(colours, 46);
  masks.forEach((mask, i) => head.writeUInt32LE(mask, 54 + 4 * i));
  return Buffer.concat([head, Buffer.from(palette), Buffer.from(pixels)]);
}

/** Blue, green, red, unused. */
const palette = [3, 2, 1, 0, 6, 5, 4, 0];
const one = [1, 2, 3];
const two = [4, 5, 6];
const none = [2, 2, 2];

describe('decode, BMP', () => {
  const square = { width: 2, height: 2 };
  it.each<{ title: string; bmp: MadeBmp; rgb: number[] }>([
    {
      title: 'the last row comes first, blue before red, rows filled to four bytes',
      bmp: { ...square, bits: 24, pixels: [7, 8, 9, 10, 11, 12, 0, 0, 1, 2, 3, 4, 5, 6] },
      rgb: [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10],
    },
    {
      title: 'the first row comes first where the height is below zero',
      bmp: { width: 1, height: -2, bits: 24, pixels: [1, 2, 3, 0, 4, 5, 6] },
      rgb: [3, 2, 1, 6, 5, 4],
    },
    {
      title: 'the fourth byte is dropped',
      bmp: { width: 1, height: 1, bits: 32, pixels: [1, 2, 3, 77] },
      rgb: [3, 2, 1],
    },
    {
      title: 'five bits v become ⌊255 · v / 31⌋',
      bmp: { width: 2, height: 1, bits: 16, pixels: [0b00110000, 0b01000100, 0xff, 0x7f] },
      rgb: [139, 8, 131, 255, 255, 255],
    },
    {
      title: 'six bits of green, by masks',
      bmp: {
        width: 1,
        height: 1,
        bits: 16,
        compression: 3,
        masks: [0xf800, 0x7e0, 0x1f],
        pixels: [0b00100001, 0b00000000],
      },
      rgb: [0, 4, 8],
    },
    {
      title: 'masks that put red first',
      bmp: {
        width: 1,
        height: 1,
        bits: 32,
        compression: 3,
        masks: [0xff000000, 0xff0000, 0xff00],
        pixels: [9, 3, 2, 1],
      },
      rgb: [1, 2, 3],
    },
    {
      title: 'one bit, the highest first',
      bmp: { width: 3, height: 1, bits: 1, palette, pixels: [0b01000000, 0, 0, 0] },
      rgb: [...one, ...two, ...one],
    },
    {
      title: 'four bits, and grey beyond the palette',
      bmp: { width: 3, height: 1, bits: 4, colours: 2, palette, pixels: [0x10, 0x20, 0, 0] },
      rgb: [...two, ...one, ...none],
    },
    {
      title: 'eight bits',
      bmp: { width: 3, height: 1, bits: 8, colours: 2, palette, pixels: [1, 0, 2, 0] },
      rgb: [...two, ...one, ...none],
    },
    {
      title: 'runs of eight bits: a repetition, the end of a line, single pixels, the end',
      bmp: {
        width: 3,
        height: 2,
        bits: 8,
        compression: 1,
        colours: 2,
        palette,
        pixels: [2, 1, 0, 0, 0, 3, 0, 1, 2, 0, 0, 1],
      },
      rgb: [...one, ...two, ...none, ...two, ...two, ...one],
    },
    {
      title: 'runs of four bits: a repetition of two, single pixels',
      bmp: {
        width: 3,
        height: 2,
        bits: 4,
        compression: 2,
        colours: 2,
        palette,
        pixels: [3, 0x10, 0, 0, 0, 4, 0x01, 0x20, 0, 1],
      },
      rgb: [...one, ...two, ...none, ...two, ...one, ...two],
    },
  ])('$title', async ({ bmp, rgb }) => {
    const { width, height, data } = await decode(madeBmp(bmp));
    expect({ width, height, data: [...data] }).toEqual({ width: bmp.width, height: Math.abs(bmp.height), data: rgb });
  });

  const plain = { width: 1, height: 1, bits: 24, pixels: [1, 2, 3] };
  it.each<{ title: string; bmp: MadeBmp; message: string }>([
    {
      title: 'more pixels than Pillow reads',
      bmp: { ...plain, width: 20_000, height: 20_000 },
      message: 'the BMP has 20000 × 20000 pixels, more than 178956970',
    },
    { title: 'no pixels', bmp: { ...plain, width: 0 }, message: 'the BMP has no pixels' },
    { title: 'pixels that are missing', bmp: { ...plain, height: 2 }, message: 'the BMP ends early' },
    {
      title: 'a palette that is missing',
      bmp: { ...plain, bits: 8, colours: 65_536 },
      message: 'the BMP ends in its palette',
    },
    {
      title: 'runs that end before the last pixel',
      bmp: { width: 3, height: 2, bits: 8, compression: 1, colours: 2, palette, pixels: [3, 1, 0, 1] },
      message: 'the BMP ends before its last pixel',
    },
    { title: 'two bits, by name', bmp: { ...plain, bits: 2 }, message: 'a BMP of 2 bits is not supported' },
    {
      title: 'a PNG inside, by name',
      bmp: { ...plain, compression: 5 },
      message: 'a BMP of compression 5 is not supported',
    },
    {
      title: 'masks that Pillow does not read, by name',
      bmp: { ...plain, bits: 16, compression: 3, masks: [0xf00, 0xf0, 0xf] },
      message: 'a BMP of 16 bits with these masks is not supported',
    },
  ])('refuses: $title', async ({ bmp, message }) => {
    expect((await refusal(decode(madeBmp(bmp)))).message).toBe(message);
  });

  it('refuses a file that ends anywhere', async () => {
    const bytes = madeBmp({ width: 3, height: 2, bits: 4, colours: 2, palette, pixels: [1, 2, 0, 0, 3, 4] });
    for (let length = 2; length < bytes.length; length++) {
      expect((await refusal(decode(bytes.subarray(0, length)))).code).toBe('OOD_IMAGE_UNREADABLE');
    }
  });
});
