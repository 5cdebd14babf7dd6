import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { decode, prepare } from '@farout/images';
import { compareModes } from '../../packages/images/tests/pictures/compare-modes.ts';
import { compareDamaged, comparePictures } from '../../packages/images/tests/pictures/compare-pictures.ts';
import { pythonWithPillow } from '../../packages/images/tests/pictures/pillow.ts';
import { allOf, atLeast, type Check } from './check.ts';

/** Compares photographs and synthetic pictures, end to end, with Pillow and torchvision; then pictures of every kind, decoded. */
export async function pixels(data: string): Promise<Check[]> {
  return [await golden(data), ...(await modes(data)), ...(await pictures()), ...(await damaged())];
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

/** The same photographs and pictures, resized with bicubic interpolation or to both sides. */
async function modes(data: string): Promise<Check[]> {
  if (!pythonWithPillow) return [];
  const { made, differing } = await compareModes(path.join(data, 'golden', 'preprocess', 'source'));
  return [allOf('pixels: other modes of the resize, bit-equal to Pillow', made - differing.length, made)];
}

async function pictures(): Promise<Check[]> {
  if (!pythonWithPillow) {
    console.log(
      'Skipped: pictures of every kind, because no python3 here has Pillow 9.4. Set FAROUT_PYTHON to one that has it.',
    );
    return [];
  }
  const kinds = [...(await comparePictures('cuts'))].filter(([kind]) => !kind.startsWith('TIFF, foreign'));
  return kinds.map(([kind, { equal, made }]) => allOf(`pixels: ${kind}, verdict and pixels of Pillow`, equal, made));
}

/** Seeds of the damage: one round over all 300 pictures each. */
const seeds = [1, 2, 3];

/** Flipped bits, zeroed sectors and stray markers; prints each picture judged differently from Pillow. */
async function damaged(): Promise<Check[]> {
  if (!pythonWithPillow) return [];
  const counts = { made: 0, equal: 0, undefined: 0 };
  const differing: string[] = [];
  for (const seed of seeds) {
    for (const kind of (await compareDamaged(seed)).values()) {
      for (const count of ['made', 'equal', 'undefined'] as const) counts[count] += kind[count];
      differing.push(...kind.differing);
    }
  }
  const { made, equal, undefined: open } = counts;
  console.log(
    `Of ${made} damaged pictures ${equal} have Pillow's verdict and pixels; of ${open} of these only the verdict`,
  );
  console.log('is compared, as their pixels are what its memory held before. Judged otherwise:');
  for (const one of differing) console.log(`  ${one}`);
  // 829 of 840 agreed before damage inside TIFFs was judged.
  return [atLeast('pixels: damaged pictures, verdict and pixels of Pillow', equal / made, 829 / 840)];
}
