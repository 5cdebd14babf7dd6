import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { encodePng } from '../src/kinds/png.ts';
import { nearbyBits, perceptualBits, perceptualHash } from '../src/perceptual-hash.ts';
import { noise } from './noise.ts';
import { pythonWithPillow, runWithPillow } from './pictures/pillow.ts';

const folder = mkdtempSync(join(tmpdir(), 'farout-hash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const data = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const photographs = join(data, 'images', 'imagenet-val');
const itWithData = existsSync(photographs) ? it : it.skip;
const itWithPillow = pythonWithPillow ? it : it.skip;

const words = (hash: Uint32Array | undefined) =>
  [...(hash ?? [])].map((word) => word.toString(16).padStart(8, '0')).join(' ');

/** How many bits differ, counted one by one; Infinity where one of them is blank. */
function difference(one: Uint32Array | undefined, other: Uint32Array | undefined): number {
  if (!one || !other) return Infinity;
  const bits = (hash: Uint32Array) => [...hash].flatMap((word) => word.toString(2).padStart(32, '0').split(''));
  const others = bits(other);
  return bits(one).filter((bit, at) => bit !== others[at]).length;
}

const blank = (width: number, height: number, grey: number) =>
  encodePng({ width, height, data: new Uint8Array(width * height * 3).fill(grey) });

describe('perceptualHash', () => {
  it.each([
    [70, 45, '429c200c df83638e 6ad1f5a5 cbf34a39 000042f6'],
    [20, 300, '84213048 9cebf580 076e8671 1b5fa2fc 00007dfa'],
    [640, 480, '92270e2c eed9cf76 8ade88e2 85609558 000063f4'],
  ])('of %i × %i pixels is what NumPy makes of its definition', async (width, height, expected) => {
    expect(words(await perceptualHash(encodePng(noise(width, height, 5))))).toBe(expected);
  });

  itWithPillow('is that of pictures/perceptual-hash.py', async () => {
    const file = join(folder, 'noise.png');
    writeFileSync(file, encodePng(noise(37, 91, 6)));
    expect(words(await perceptualHash(readFileSync(file)))).toBe(runWithPillow('perceptual-hash.py', file).trim());
  });

  it('is the same for a file and for its pixels', async () => {
    const picture = noise(90, 60, 3);
    const pixels = { data: picture.data, shape: [60, 90, 3] as const };
    expect(await perceptualHash(pixels)).toEqual(await perceptualHash(encodePng(picture)));
  });

  it('is none of a blank picture', async () => {
    expect(await perceptualHash(blank(64, 64, 0))).toBeUndefined();
    expect(await perceptualHash(blank(1, 1, 255))).toBeUndefined();
  });

  it('refuses what is no picture', async () => {
    await expect(perceptualHash(Buffer.from('text'))).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
  });

  /** What somebody may have done to a picture, and how many of a hundred must be known again. */
  const changes: readonly (readonly [string, number, (bytes: Buffer, size: Size) => Sharp])[] = [
    ['compressed once more', 98, (bytes) => sharp(bytes).jpeg({ quality: 50 })],
    ['half as large', 98, (bytes, { width }) => sharp(bytes).resize({ width: Math.round(width / 2) })],
    ['squeezed into a square', 97, (bytes) => sharp(bytes).resize(224, 224, { fit: 'fill' })],
    ['another kind of file', 100, (bytes) => sharp(bytes).png({ compressionLevel: 1 })],
    ['without its colours', 97, (bytes) => sharp(bytes).grayscale()],
    ['without a border of 1 %', 95, (bytes, size) => sharp(bytes).extract(within(size, 0.01))],
  ];
  interface Size {
    readonly width: number;
    readonly height: number;
  }
  const within = ({ width, height }: Size, border: number) => ({
    left: Math.round(width * border),
    top: Math.round(height * border),
    width: Math.round(width * (1 - 2 * border)),
    height: Math.round(height * (1 - 2 * border)),
  });

  itWithData('knows photographs again, and takes none for another', async () => {
    const names = readdirSync(photographs)
      .filter((name) => name.endsWith('.JPEG'))
      .filter((_, index) => index % 13 === 0);
    const pictures = await Promise.all(names.map((name) => pixelsOf(join(photographs, name))));
    const hashes = await Promise.all(pictures.map(({ png }) => perceptualHash(png)));
    expect(names).toHaveLength(100);
    for (const [what, least, change] of changes) {
      const changed = await Promise.all(
        pictures.map(async ({ png, size }) => perceptualHash(await change(png, size).toBuffer())),
      );
      const known = changed.filter((hash, at) => difference(hash, hashes[at]) <= nearbyBits).length;
      expect({ what, enough: known >= least, known }).toMatchObject({ what, enough: true });
    }
    const pairs = hashes.flatMap((one, at) => hashes.slice(at + 1).map((other) => difference(one, other)));
    expect(Math.min(...pairs)).toBeGreaterThan(nearbyBits);
    expect(Math.max(...pairs)).toBeLessThanOrEqual(perceptualBits);
  });

  async function pixelsOf(file: string) {
    const { data: png, info } = await sharp(file).png({ compressionLevel: 0 }).toBuffer({ resolveWithObject: true });
    return { png, size: info };
  }
});
