import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { decode } from '../../src/decode.ts';
import { madeTiff, type Tags } from '../made-tiff.ts';
import { noise } from '../noise.ts';
import { photograph } from '../photograph.ts';
import { refusal } from '../refusal.ts';

const grey = { width: 2, height: 1, bits: 8, photometric: 1 };

describe('decode, TIFF', () => {
  it.each<{ title: string; tags: Tags; pixels: number[]; size?: number[]; rgb: number[] }>([
    { title: 'grey where zero is black', tags: grey, pixels: [9, 200], rgb: [9, 9, 9, 200, 200, 200] },
    {
      title: 'grey where zero is white',
      tags: { ...grey, photometric: 0 },
      pixels: [9, 200],
      rgb: [246, 246, 246, 55, 55, 55],
    },
    {
      title: 'one bit',
      tags: { ...grey, bits: 1 },
      pixels: [0b01000000],
      rgb: [0, 0, 0, 255, 255, 255],
    },
    {
      title: '16-bit grey is clipped to 255, not scaled',
      tags: { ...grey, bits: 16 },
      pixels: [9, 0, 0, 1],
      rgb: [9, 9, 9, 255, 255, 255],
    },
    {
      title: '16-bit grey where zero is white is clipped too, and not inverted',
      tags: { ...grey, bits: 16, photometric: 0 },
      pixels: [9, 0, 0, 1],
      rgb: [9, 9, 9, 255, 255, 255],
    },
    {
      title: 'RGB of 16 bits keeps the high bytes',
      tags: { ...grey, width: 1, bits: 16, photometric: 2, samples: 3 },
      pixels: [255, 1, 0, 2, 7, 3],
      size: [1, 1],
      rgb: [1, 2, 3],
    },
    {
      title: 'alpha is dropped, not blended',
      tags: { ...grey, width: 1, photometric: 2, samples: 4, extra: 2 },
      pixels: [1, 2, 3, 0],
      size: [1, 1],
      rgb: [1, 2, 3],
    },
    {
      title: 'CMYK leaves the light between its inks',
      tags: { ...grey, photometric: 5, samples: 4 },
      pixels: [0, 255, 0, 0, 0, 0, 0, 255],
      rgb: [255, 0, 255, 0, 0, 0],
    },
    {
      title: 'a quarter turn is made, as the orientation asks',
      tags: { ...grey, orientation: 6, height: 2 },
      pixels: [1, 2, 3, 4],
      size: [2, 2],
      rgb: [3, 3, 3, 1, 1, 1, 4, 4, 4, 2, 2, 2],
    },
  ])('$title', async ({ tags, pixels, size = [2, 1], rgb }) => {
    const { width, height, data } = await decode(madeTiff(tags, pixels));
    expect([[width, height], [...data]]).toEqual([size, rgb]);
  });

  it('reads the first page', async () => {
    const [first, second] = [noise(16, 8, 1), noise(16, 8, 2)];
    const pages = Buffer.concat([first.data, second.data]);
    const bytes = await sharp(pages, { raw: { width: 16, height: 16, channels: 3, pageHeight: 8 } })
      .tiff({ compression: 'lzw' })
      .toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    expect(await decode(bytes)).toEqual(first);
  });

  it.each(['none', 'lzw', 'deflate', 'packbits'] as const)('reads tiles, compression %s', async (compression) => {
    const bytes = await photograph().tiff({ compression, tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer();
    expect(await decode(bytes)).toEqual(noise(64, 48, 7));
  });

  it.each<{ title: string; bytes: Buffer; message: string }>([
    {
      title: 'more pixels than Pillow reads',
      bytes: madeTiff({ ...grey, width: 20_000, height: 20_000 }, [1]),
      message: 'the TIFF has 20000 × 20000 pixels, more than 178956970',
    },
    {
      title: 'a strip that is not all in the file',
      bytes: madeTiff({ ...grey, height: 40_000 }, [1, 2], 80_000),
      message: 'the TIFF ends before its last pixel',
    },
    {
      title: 'a tile of many times the picture',
      bytes: madeTiff({ ...grey, tileWidth: 65_520, tileHeight: 65_520 }, [1, 2]),
      message: 'the TIFF has tiles of 65520 × 65520 pixels',
    },
    {
      title: 'more samples than there can be',
      bytes: madeTiff({ ...grey, samples: 4_000_000_000 }, [1, 2]),
      message: 'the TIFF has 4000000000 samples per pixel, but does not give their bits',
    },
    {
      title: '32 bits, by name',
      bytes: madeTiff({ ...grey, bits: 32 }, [1, 2, 3, 4, 5, 6, 7, 8]),
      message: 'a TIFF with black-is-zero grey of 32 bits is not supported',
    },
  ])('refuses: $title', async ({ bytes, message }) => {
    expect((await refusal(decode(bytes))).message).toBe(message);
  });

  it('refuses a file that ends anywhere before its directory does', async () => {
    const bytes = madeTiff(grey, [9, 200]);
    for (let length = 4; length < bytes.length - 4; length++) {
      expect((await refusal(decode(bytes.subarray(0, length)))).code).toBe('OOD_IMAGE_UNREADABLE');
    }
    expect((await decode(bytes.subarray(0, -4))).data).toEqual((await decode(bytes)).data);
  });
});
