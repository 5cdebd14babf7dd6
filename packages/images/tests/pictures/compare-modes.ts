import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { prepare } from '../../src/prepare.ts';
import type { PixelRecipe } from '../../src/resize-and-crop.ts';
import { runWithPillow } from './pillow.ts';

const recipes: readonly Required<PixelRecipe>[] = [
  { resize: 224, crop: 224, interpolation: 'bicubic', sides: 'shorter' },
  { resize: 256, crop: 224, interpolation: 'bicubic', sides: 'shorter' },
  { resize: 224, crop: 224, interpolation: 'bicubic', sides: 'both' },
  { resize: 255, crop: 224, interpolation: 'bicubic', sides: 'both' },
  { resize: 384, crop: 384, interpolation: 'bilinear', sides: 'both' },
];

/** Prepares every picture of a folder in five modes, and compares the pixels with Pillow's. */
export async function compareModes(folder: string): Promise<{ readonly made: number; readonly differing: string[] }> {
  const hashes = JSON.parse(runWithPillow('resize-pictures.py', folder, JSON.stringify(recipes))) as Readonly<
    Record<string, readonly string[]>
  >;
  const differing: string[] = [];
  let made = 0;
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(path.join(folder, name));
    for (const [at, recipe] of recipes.entries()) {
      const ours = createHash('sha256').update(await prepare(bytes, recipe));
      if (ours.digest('hex') !== hashes[name]?.[at]) differing.push(`${name} ${JSON.stringify(recipe)}`);
      made++;
    }
  }
  return { made, differing };
}
