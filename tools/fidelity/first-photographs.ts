import { readFileSync } from 'node:fs';
import path from 'node:path';
import { prepare } from '@farout/images';
import type { NDArray } from '@farout/tensor';
import { referenceScores, type Model } from './models.ts';

/** How many photographs have features and logits in the reference. */
export const photographs = 32;
const side = 224;

/** The pixels of some or all of them, prepared as in an experiment, uint8 (count, 224, 224, 3). */
export async function firstPhotographs(data: string, model: Model, count = photographs): Promise<NDArray> {
  const names = referenceScores(data, model)
    .slice(0, count)
    .map(({ image }) => image!);
  const pixels = new Uint8Array(count * side * side * 3);
  for (const [index, name] of names.entries()) {
    const bytes = readFileSync(path.join(data, 'images', 'imagenet-val', name));
    pixels.set(await prepare(bytes, { resize: 256, crop: side }), index * side * side * 3);
  }
  return { data: pixels, shape: [count, side, side, 3] };
}
