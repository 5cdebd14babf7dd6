// Writes the demonstration's images as arrays for Python: `node --import ./tools/ts.mjs tools/demo/render.ts <folder>`.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { captionOf, renderImage, type ImageSetName } from '../../packages/demo/src/index.ts';

/** Seeds 2 and 3 with these counts are the images of configs/demo.yaml; seed 1 is for training only. */
const plan: readonly {
  readonly name: string;
  readonly set: ImageSetName;
  readonly seed: number;
  readonly count: number;
}[] = [
  { name: 'train', set: 'objects', seed: 1, count: 12_000 },
  { name: 'validation', set: 'objects', seed: 2, count: 1000 },
  { name: 'test', set: 'objects', seed: 3, count: 1000 },
  { name: 'noise', set: 'noise', seed: 3, count: 500 },
  { name: 'textures', set: 'textures', seed: 3, count: 500 },
  { name: 'hybrid-shapes', set: 'hybrid-shapes', seed: 3, count: 500 },
  { name: 'shifted-shapes', set: 'shifted-shapes', seed: 3, count: 500 },
  { name: 'unseen-shapes', set: 'unseen-shapes', seed: 3, count: 500 },
];

/** The bytes of a .npy file, format version 1.0. */
function npy(type: '|u1' | '<i8', shape: readonly number[], data: Uint8Array): Buffer {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = `${header.padEnd(117)}\n`;
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(padded, 'latin1'), data]);
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('Usage: node --import ./tools/ts.mjs tools/demo/render.ts <folder>');
await mkdir(folder, { recursive: true });
for (const { name, set, seed, count } of plan) {
  const indices = Array.from({ length: count }, (_, index) => index);
  const pixels = Buffer.concat(indices.map((index) => renderImage(set, seed, index)));
  await writeFile(path.join(folder, `${name}.npy`), npy('|u1', [count, 64, 64, 3], pixels));
  const labels = BigInt64Array.from(indices, (index) => BigInt(captionOf(set, index).label ?? -1));
  await writeFile(path.join(folder, `${name}-labels.npy`), npy('<i8', [count], new Uint8Array(labels.buffer)));
  console.log(`${name}: ${count} images`);
}
