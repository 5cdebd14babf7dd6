// Writes the demonstration's images in the format of the Hugging Face hub:
// node --import ./tools/ts.mjs tools/demo/write-parquet.mjs <images per set> <folder>
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { demo } from '@farout/demo';
import { parquetWriteBuffer } from 'hyparquet-writer';

const sets = {
  objects: { set: 'objects', seed: 3 },
  validation: { set: 'objects', seed: 2 },
  textures: { set: 'textures', seed: 3 },
  'unseen-shapes': { set: 'unseen-shapes', seed: 3 },
};
const [count, folder] = process.argv.slice(2);
const [demoImages] = demo.datasets;
const optional = { repetition_type: 'OPTIONAL' };
const schema = [
  { name: 'root', num_children: 2 },
  { name: 'image', num_children: 2, ...optional },
  { name: 'bytes', type: 'BYTE_ARRAY', ...optional },
  { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...optional },
  { name: 'label', type: 'INT64', ...optional },
];

mkdirSync(folder, { recursive: true });
for (const [name, { set, seed }] of Object.entries(sets)) {
  const { images } = await demoImages.open({ set, seed, count: Number(count) });
  const data = await Promise.all(images.map(async ({ id, read }) => ({ bytes: await read(), path: id })));
  const label = images.map(({ label: each = -1 }) => BigInt(each));
  const columnData = [
    { name: 'image', data },
    { name: 'label', data: label },
  ];
  const file = path.join(folder, `${name}-00000-of-00001.parquet`);
  writeFileSync(file, new Uint8Array(parquetWriteBuffer({ columnData, schema, rowGroupSize: 100 })));
}
