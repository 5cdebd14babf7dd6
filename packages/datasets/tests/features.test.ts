import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { writeNpy } from '@farout/checkpoints';
import { schemaOf, type NDArray } from '@farout/core';
import { features } from '../src/features.ts';

const folder = mkdtempSync(join(tmpdir(), 'farout-features-'));
const saved = (name: string, array: NDArray) => {
  const path = join(folder, name);
  writeFileSync(path, writeNpy(array));
  return path;
};
const file = saved('features.npy', { data: Float32Array.from({ length: 10 }, (_, i) => i), shape: [5, 2] });
const labels = saved('labels.npy', { data: Int32Array.of(3, 0, -1, 2, 1), shape: [5] });
const layer4 = saved('layer4.npy', { data: new Float32Array(5 * 2 * 3 * 3), shape: [5, 2, 3, 3] });
const open = (params: object) => features.open(schemaOf(features).parse(params));

describe('features', () => {
  it('lists the rows of a file, called by their numbers, with their classes', async () => {
    const { images } = await open({ file, labels });
    expect(images).toEqual([
      { id: '0', row: 0, label: 3 },
      { id: '1', row: 1, label: 0 },
      { id: '2', row: 2 },
      { id: '3', row: 3, label: 2 },
      { id: '4', row: 4, label: 1 },
    ]);
  });

  it('takes a stretch of them', async () => {
    const { images } = await open({ file, from: 3, limit: 9 });
    expect(images).toEqual([
      { id: '3', row: 3 },
      { id: '4', row: 4 },
    ]);
  });

  it('brings the features and further arrays by their names', async () => {
    const { arrays } = await open({ file, arrays: { layer4 } });
    expect(Object.entries(arrays!).map(([name, { shape }]) => [name, shape])).toEqual([
      ['features', [5, 2]],
      ['layer4', [5, 2, 3, 3]],
    ]);
    expect((await arrays!.features!.read(1, 2)).data).toEqual(Float32Array.of(2, 3, 4, 5));
  });

  it('takes an array of any name, also of one that objects have', async () => {
    const array = (start: number) => ({ dtype: 'F32', shape: [5, 1], data_offsets: [start, start + 20] });
    const header = Buffer.from(`{"features":${JSON.stringify(array(0))},"__proto__":${JSON.stringify(array(20))}}`);
    const length = Buffer.alloc(8);
    length.writeUInt32LE(header.length);
    const path = join(folder, 'named.safetensors');
    writeFileSync(path, Buffer.concat([length, header, Buffer.alloc(40)]));
    const { arrays } = await open({ file: path });
    expect(Object.keys(arrays!).sort()).toEqual(['__proto__', 'features']);
    expect(Object.getPrototypeOf(arrays!)).toBe(Object.prototype);
  });

  it.each([
    [
      'labels of another number of rows',
      { labels: saved('two.npy', { data: Int32Array.of(0, 1), shape: [2] }) },
      '2 labels for 5 rows',
    ],
    [
      'a label that is no class',
      { labels: saved('half.npy', { data: Float32Array.of(0, 0.5, 1, 1, 1), shape: [5] }) },
      'the label 0.5',
    ],
    ['a first row beyond the last', { from: 5 }, 'row 5 is beyond the 5'],
  ])('refuses %s', async (_, params, message) => {
    await expect(open({ file, ...params })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: expect.stringContaining(message),
    });
  });
});
