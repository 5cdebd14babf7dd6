import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { decode, prepare } from '@oodkit/images';
import { allOf, type Check } from './check.ts';

/** JPEG and PNG photographs and made pictures, end to end, against what Pillow and torchvision make of them. */
export async function pixels(data: string): Promise<Check[]> {
  const folder = path.join(data, 'golden', 'preprocess');
  const files = readdirSync(path.join(folder, 'source')).filter((file) => /\.(jpe?g|png)$/i.test(file));
  // CMYK is no picture of three or one components; it comes with the other kinds.
  const inScope = files.filter((file) => !file.includes('cmyk'));
  let equal = 0;
  for (const file of inScope) {
    const ours = await prepare(readFileSync(path.join(folder, 'source', file)), { resize: 256, crop: 224 });
    const theirs = await decode(readFileSync(path.join(folder, 'pillow', `${file}.png`)));
    if (Buffer.compare(ours, theirs.data) === 0) equal++;
  }
  return [allOf('pixels: JPEG and PNG bit-equal to Pillow + torchvision', equal, inScope.length)];
}
