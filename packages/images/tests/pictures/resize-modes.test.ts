import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { prepare } from '../../src/prepare.ts';
import type { PixelRecipe } from '../../src/resize-and-crop.ts';
import { pythonWithPillow, runWithPillow } from './pillow.ts';

const data = process.env.FAROUT_DATA ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const source = path.join(data, 'golden', 'preprocess', 'source');
const itWithPillow = existsSync(source) && pythonWithPillow ? it : it.skip;

const recipes: readonly Required<PixelRecipe>[] = [
  { resize: 224, crop: 224, interpolation: 'bicubic', sides: 'shorter' },
  { resize: 256, crop: 224, interpolation: 'bicubic', sides: 'shorter' },
  { resize: 224, crop: 224, interpolation: 'bicubic', sides: 'both' },
  { resize: 255, crop: 224, interpolation: 'bicubic', sides: 'both' },
  { resize: 384, crop: 384, interpolation: 'bilinear', sides: 'both' },
];

describe('modes of the resize', () => {
  itWithPillow('give every golden picture the pixels that Pillow gives it, to the last bit', async () => {
    const pillow = JSON.parse(runWithPillow('resize-pictures.py', source, JSON.stringify(recipes))) as Record<
      string,
      string[]
    >;
    const differing: string[] = [];
    for (const name of readdirSync(source)) {
      const bytes = readFileSync(path.join(source, name));
      for (const [at, recipe] of recipes.entries()) {
        const ours = createHash('sha256').update(await prepare(bytes, recipe));
        if (ours.digest('hex') !== pillow[name]?.[at]) differing.push(`${name} ${JSON.stringify(recipe)}`);
      }
    }
    expect(differing).toEqual([]);
    expect(Object.keys(pillow)).toHaveLength(34);
  });
});
