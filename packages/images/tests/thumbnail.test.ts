import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { encodePng } from '../src/encode-png.ts';
import { thumbnail } from '../src/thumbnail.ts';
import { madeGif } from './made-gif.ts';
import { noise } from './noise.ts';

const sizeOf = async (bytes: Uint8Array) => {
  const { format, width, height } = await sharp(bytes).metadata();
  return [format, width, height];
};

describe('thumbnail', () => {
  it.each([
    ['a wide image', 384, 192, 96, 48],
    ['a high image', 48, 960, 5, 96],
    ['a small image', 20, 30, 20, 30],
  ])('%s keeps its proportions and is not enlarged', async (_, width, height, newWidth, newHeight) => {
    expect(await sizeOf(await thumbnail(encodePng(noise(width, height, 1))))).toEqual(['jpeg', newWidth, newHeight]);
  });

  it('shows the image: its colours survive', async () => {
    const red = encodePng({
      width: 200,
      height: 200,
      data: Uint8Array.from({ length: 120_000 }, (_, i) => (i % 3 ? 20 : 230)),
    });
    const { channels } = await sharp(await thumbnail(red)).stats();
    expect(channels.map(({ mean }) => Math.round(mean / 10))).toEqual([23, 2, 2]);
  });

  it('shows what sharp cannot read, too', async () => {
    const gif = madeGif({ screen: [4, 3], frame: [1, 1, 1, 1], colours: [0, 0, 0, 0], indices: [0] });
    expect(await sizeOf(await thumbnail(gif))).toEqual(['jpeg', 4, 3]);
    const bmp = Buffer.from(
      `BM${'\0'.repeat(8)}\x1a\0\0\0\x0c\0\0\0\x01\0\x02\0\x01\0\x18\0${'\0'.repeat(8)}`,
      'latin1',
    );
    expect(await sizeOf(await thumbnail(bmp))).toEqual(['jpeg', 1, 2]);
  });

  it('refuses what is no image', async () => {
    await expect(thumbnail(Buffer.from('no image'))).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
  });
});
