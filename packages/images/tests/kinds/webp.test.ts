import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { decode } from '../../src/decode.ts';
import { noise } from '../noise.ts';
import { photograph } from '../photograph.ts';
import { refusal } from '../refusal.ts';

describe('decode, WebP', () => {
  it('gives a lossless file its own pixels', async () => {
    expect(await decode(await photograph().webp({ lossless: true }).toBuffer())).toEqual(noise(64, 48, 7));
  });

  it('drops alpha and does not blend it', async () => {
    const { data, width, height } = noise(64, 48, 7);
    const half = Buffer.alloc(width * height * 4, 128).map((value, i) =>
      i % 4 === 3 ? value : data[Math.floor(i / 4) * 3 + (i % 4)]!,
    );
    const bytes = await sharp(half, { raw: { width, height, channels: 4 } })
      .webp({ lossless: true, exact: true })
      .toBuffer();
    expect((await decode(bytes)).data).toEqual(data);
  });

  it('reads the first frame of an animation', async () => {
    const [first, second] = [noise(16, 8, 1), noise(16, 8, 2)];
    const frames = Buffer.concat([first.data, second.data]);
    const bytes = await sharp(frames, { raw: { width: 16, height: 16, channels: 3, pageHeight: 8 } })
      .webp({ lossless: true })
      .toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    expect(await decode(bytes)).toEqual(first);
  });

  it('refuses a file that ends early', async () => {
    const bytes = await photograph().webp().toBuffer();
    for (const share of [0.2, 0.5, 0.95]) {
      const error = await refusal(decode(bytes.subarray(0, bytes.length * share)));
      expect(error.message).toMatch(/^the WebP cannot be decoded: /);
    }
  });
});
