import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { decode } from '../src/decode.ts';
import { encodePng } from '../src/encode-png.ts';
import { noise } from './noise.ts';

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
