import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { decode, prepare } from '@farout/images';
import { comparePictures } from '../../packages/images/tests/pictures/compare-pictures.ts';
import { pythonWithPillow } from '../../packages/images/tests/pictures/pillow.ts';
import { allOf, type Check } from './check.ts';

/** Photographs and made pictures, end to end, against Pillow and torchvision; then pictures of every kind, decoded. */
export async function pixels(data: string): Promise<Check[]> {
  return [await golden(data), ...(await pictures())];
}

async function golden(data: string): Promise<Check> {
  const folder = path.join(data, 'golden', 'preprocess');
  const files = readdirSync(path.join(folder, 'source'));
  let equal = 0;
  for (const file of files) {
    const ours = await prepare(readFileSync(path.join(folder, 'source', file)), { resize: 256, crop: 224 });
    const theirs = await decode(readFileSync(path.join(folder, 'pillow', `${file}.png`)));
    if (Buffer.compare(ours, theirs.data) === 0) equal++;
  }
  return allOf('pixels: pictures bit-equal to Pillow + torchvision', equal, files.length);
}

async function pictures(): Promise<Check[]> {
  if (!pythonWithPillow) {
    console.log('Pictures of every kind are skipped: no python3 here has Pillow 9.4. FAROUT_PYTHON names one.');
    return [];
  }
  const kinds = [...(await comparePictures('cuts'))].filter(([kind]) => !kind.startsWith('TIFF, foreign'));
  return kinds.map(([kind, { equal, made }]) => allOf(`pixels: ${kind}, verdict and pixels of Pillow`, equal, made));
}
