import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { decode } from '../../src/decode.ts';
import { photograph } from '../photograph.ts';
import { refusal } from '../refusal.ts';

describe('decode, JPEG', () => {
  it('gives a grey JPEG three equal colours', async () => {
    const { data } = await decode(await photograph().greyscale().jpeg().toBuffer());
    expect(data).toHaveLength(64 * 48 * 3);
    expect(data.every((value, i) => value === data[i - (i % 3)])).toBe(true);
  });

  it('ignores the orientation that EXIF asks for', async () => {
    const upright = await photograph().jpeg().toBuffer();
    const turned = await photograph().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(turned.includes('Exif')).toBe(true);
    expect(await decode(turned)).toEqual(await decode(upright));
  });

  it('ignores what follows the end of the image', async () => {
    const bytes = await photograph().jpeg().toBuffer();
    expect(await decode(Buffer.concat([bytes, Buffer.from('\xff\xc0 and more', 'latin1')]))).toEqual(
      await decode(bytes),
    );
  });

  it('refuses every file that ends early', async () => {
    const bytes = await photograph().jpeg().toBuffer();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 2), async (length) => {
        expect((await refusal(decode(bytes.subarray(0, length)))).code).toBe('OOD_IMAGE_UNREADABLE');
      }),
    );
  });

  it('refuses an unknown marker amid the image data, as Pillow does', async () => {
    const bytes = await photograph().jpeg().toBuffer();
    const damaged = Buffer.concat([bytes.subarray(0, -2), Buffer.from([0xff, 0x25]), bytes.subarray(-2)]);
    expect((await refusal(decode(damaged))).message).toBe('the JPEG is damaged: marker FF25 behind its image data');
  });

  it('gives CMYK the light that its inks leave, (255 − k) · (255 − c) / 255, without a profile', async () => {
    const bytes = await photograph().toColourspace('cmyk').jpeg().toBuffer();
    const inks = await sharp(bytes).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
    const { data } = await decode(bytes);
    expect(data).toHaveLength(64 * 48 * 3);
    const far = data.filter((value, i) => {
      const pixel = Math.floor(i / 3) * 4;
      return Math.abs(value - ((255 - inks[pixel + 3]!) * (255 - inks[pixel + (i % 3)]!)) / 255) >= 1;
    });
    expect(far).toHaveLength(0);
  });

  it('refuses two components by name', async () => {
    const header = [0xff, 0xd8, 0xff, 0xc0, 0, 14, 8, 0, 8, 0, 8, 2, 1, 0x11, 0, 2, 0x11, 0];
    expect((await refusal(decode(Uint8Array.from(header)))).message).toBe('a JPEG of 2 components is not read');
  });
});
