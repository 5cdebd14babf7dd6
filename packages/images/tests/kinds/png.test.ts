import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { decode } from '../../src/decode.ts';
import { encodePng } from '../../src/kinds/png.ts';
import { madePng } from '../made-png.ts';
import { noise } from '../noise.ts';
import { photograph } from '../photograph.ts';
import { refusal } from '../refusal.ts';

describe('decode, PNG', () => {
  const twoPixels = { width: 2, height: 1 };
  it.each([
    {
      title: '1-bit grey is black and white',
      depth: 1,
      colourType: 0,
      row: [0b01000000],
      rgb: [0, 0, 0, 255, 255, 255],
    },
    {
      title: '2-bit grey is spread over 0..255',
      depth: 2,
      colourType: 0,
      row: [0b01100000],
      rgb: [85, 85, 85, 170, 170, 170],
    },
    { title: '8-bit grey is grey', depth: 8, colourType: 0, row: [3, 200], rgb: [3, 3, 3, 200, 200, 200] },
    {
      title: '16-bit grey is clipped to 255, not scaled',
      depth: 16,
      colourType: 0,
      row: [0, 9, 1, 0],
      rgb: [9, 9, 9, 255, 255, 255],
    },
    { title: '8-bit RGB is itself', depth: 8, colourType: 2, row: [1, 2, 3, 4, 5, 6], rgb: [1, 2, 3, 4, 5, 6] },
    {
      title: '16-bit RGB keeps the high bytes',
      depth: 16,
      colourType: 2,
      row: [1, 255, 2, 255, 3, 255, 4, 0, 5, 0, 6, 0],
      rgb: [1, 2, 3, 4, 5, 6],
    },
    {
      title: 'a palette is looked up',
      depth: 8,
      colourType: 3,
      row: [1, 0],
      rgb: [4, 5, 6, 1, 2, 3],
      chunks: { PLTE: [1, 2, 3, 4, 5, 6] },
    },
    {
      title: 'the alpha of grey is dropped, not blended',
      depth: 8,
      colourType: 4,
      row: [9, 0, 8, 128],
      rgb: [9, 9, 9, 8, 8, 8],
    },
    {
      title: 'the alpha of RGB is dropped, not blended',
      depth: 8,
      colourType: 6,
      row: [1, 2, 3, 0, 4, 5, 6, 128],
      rgb: [1, 2, 3, 4, 5, 6],
    },
    {
      title: 'a transparent colour stays that colour',
      depth: 8,
      colourType: 2,
      row: [1, 2, 3, 4, 5, 6],
      rgb: [1, 2, 3, 4, 5, 6],
      chunks: { tRNS: [0, 1, 0, 2, 0, 3] },
    },
    {
      title: 'gamma is not applied',
      depth: 8,
      colourType: 2,
      row: [1, 2, 3, 4, 5, 6],
      rgb: [1, 2, 3, 4, 5, 6],
      chunks: { gAMA: [0, 1, 134, 160] },
    },
  ])('$title', async ({ depth, colourType, row, rgb, chunks = {} }) => {
    const pixels = await decode(madePng({ ...twoPixels, depth, colourType, rows: [row], chunks }));
    expect(pixels).toEqual({ ...twoPixels, data: Uint8Array.from(rgb) });
  });

  it('ignores an embedded colour profile', async () => {
    const { icc } = await sharp(await photograph().withIccProfile('p3').png().toBuffer()).metadata();
    const iCCP = [...Buffer.from('p3\0\0', 'latin1'), ...deflateSync(icc!)];
    const rgb = [250, 10, 20, 30, 240, 50];
    const bytes = madePng({ ...twoPixels, depth: 8, colourType: 2, rows: [rgb], chunks: { iCCP } });
    expect(await sharp(bytes).raw().toBuffer()).not.toEqual(Buffer.from(rgb));
    expect([...(await decode(bytes)).data]).toEqual(rgb);
  });

  it('reads rows from the top', async () => {
    const { width, height, data } = await decode(
      madePng({ width: 1, height: 3, depth: 8, colourType: 0, rows: [[1], [2], [3]] }),
    );
    expect({ width, height, data: [...data] }).toEqual({ width: 1, height: 3, data: [1, 1, 1, 2, 2, 2, 3, 3, 3] });
  });

  it('refuses more pixels than Pillow does, before any of them is decoded', async () => {
    const error = await refusal(decode(madePng({ width: 20_000, height: 20_000, depth: 8, colourType: 2, rows: [] })));
    expect(error.message).toBe('the PNG cannot be decoded: Input image exceeds pixel limit');
  });

  it('refuses a file that ends within its pixels', async () => {
    const bytes = await photograph().png().toBuffer();
    for (const share of [0.2, 0.5, 0.9]) {
      const error = await refusal(decode(bytes.subarray(0, bytes.length * share)));
      expect(error.code).toBe('OOD_IMAGE_UNREADABLE');
      expect(error.message).toMatch(/^the PNG (cannot be decoded|ends within)/);
    }
  });

  /** A palette of two colours, a text behind the data and an animation's further chunk, as a file has them. */
  const palette = () =>
    Buffer.from(
      madePng({ width: 2, height: 1, depth: 8, colourType: 3, rows: [[1, 0]], chunks: { PLTE: [1, 2, 3, 4, 5, 6] } }),
    );
  const flip = (bytes: Buffer, at: number) => {
    bytes[at]! ^= 1;
    return bytes;
  };

  it.each([
    ['IHDR', 0],
    ['PLTE', 2],
  ])('refuses a wrong checksum of %s, as Pillow does', async (type, within) => {
    const bytes = palette();
    const error = await refusal(decode(flip(bytes, bytes.indexOf(type) + 4 + within)));
    expect(error.message).toBe(`the PNG is damaged: the checksum of its chunk ${type} is wrong`);
  });

  it('reads what has a wrong checksum behind the palette, as Pillow does, but refuses wrong image data', async () => {
    const rgb = Uint8Array.of(4, 5, 6, 1, 2, 3);
    for (const [type, within] of [
      ['IDAT', -1],
      ['IEND', 4],
    ] as const) {
      const bytes = palette();
      const at = type === 'IDAT' ? bytes.indexOf('IEND') - 8 : bytes.indexOf('IEND') + within;
      expect((await decode(flip(bytes, at))).data).toEqual(rgb);
    }
    const bytes = palette();
    const error = await refusal(decode(flip(bytes, bytes.indexOf('IEND') - 9 - 3)));
    expect(error.message).toMatch(/^the PNG cannot be decoded: /);
  });

  it('reads a file that ends behind its last pixel, as Pillow does', async () => {
    const bytes = palette();
    for (let missing = 1; missing <= 21; missing++) {
      expect((await decode(bytes.subarray(0, bytes.length - missing))).data).toEqual(Uint8Array.of(4, 5, 6, 1, 2, 3));
    }
    const { message } = await refusal(decode(bytes.subarray(0, -22)));
    expect(message).toBe('the PNG cannot be decoded: unexpected end of file');
  });
});

describe('encodePng', () => {
  it.each([
    [1, 1],
    [3, 5],
    [200, 131],
  ])('an image of %i × %i comes back as it was', async (width, height) => {
    const pixels = noise(width, height, 1);
    const decoded = await decode(encodePng(pixels));
    expect(decoded.width).toBe(width);
    expect(decoded.height).toBe(height);
    expect(Buffer.compare(decoded.data, pixels.data)).toBe(0);
  });

  it('the file is 8-bit RGB without an alpha channel', async () => {
    const { format, channels, depth, hasAlpha } = await sharp(encodePng(noise(4, 4, 2))).metadata();
    expect({ format, channels, depth, hasAlpha }).toEqual({
      format: 'png',
      channels: 3,
      depth: 'uchar',
      hasAlpha: false,
    });
  });
});
