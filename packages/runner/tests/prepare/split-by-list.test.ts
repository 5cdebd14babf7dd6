import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { defineDataset, type DatasetDefinition } from '@farout/core';
import type { Experiment, Part } from '../../src/experiment.ts';
import { openDatasets } from '../../src/prepare/datasets.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-split-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const images = ['a/1.jpg', 'a/2.jpg', 'b 3.jpg', 'ü.jpg', 'c.jpg', 'd.jpg'].map((id, i) => ({
  ...{ id, label: i % 2 },
  pixels: { data: new Uint8Array(3), shape: [1, 1, 3] as const },
}));
const dataset = defineDataset({ name: 'six', open: () => Promise.resolve({ images }) });

async function taken(split: Part<DatasetDefinition>['split']): Promise<string[]> {
  const place = { file: 'a.yaml', line: 1, column: 1 };
  const part = { definition: dataset, params: {}, origin: 'test', place, split };
  const opened = await openDatasets({ datasets: new Map([['six', part]]) } as unknown as Experiment);
  return opened.get('six')!.images.map(({ id }) => id);
}

function listOf(text: string | Uint8Array): string {
  const list = path.join(folder, 'list.txt');
  writeFileSync(list, text);
  return list;
}

describe('a split by a list', () => {
  it('takes the images that it names, in the order of the dataset, or the others', async () => {
    const list = listOf('\uFEFFü.jpg\r\n\r\n b 3.jpg \r\na/2.jpg');
    expect(await taken({ list })).toEqual(['a/2.jpg', 'b 3.jpg', 'ü.jpg']);
    expect(await taken({ list, rest: true })).toEqual(['a/1.jpg', 'c.jpg', 'd.jpg']);
  });

  it('names what the dataset does not have', async () => {
    await expect(taken({ list: listOf('c.jpg\nC.jpg\n') })).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: expect.stringMatching(/names 1 image that the dataset does not have: "C.jpg"$/) as unknown,
      fix: 'Write one image per line, by its name in scores.csv, such as a/1.jpg.',
    });
  });

  it('is refused where it takes nothing, or is no UTF-8', async () => {
    await expect(taken({ list: listOf('\n') })).rejects.toMatchObject({ code: 'OOD_DATASET_INVALID' });
    const all = listOf(images.map(({ id }) => id).join('\n'));
    await expect(taken({ list: all, rest: true })).rejects.toThrow('selects none of its images');
    await expect(taken({ list: listOf(Buffer.from('\xfc.jpg', 'latin1')) })).rejects.toThrow('the list');
  });
});

describe('what so many of each class leave', () => {
  it('are the others', async () => {
    const two = await taken({ perClass: 1, seed: 0 });
    const others = await taken({ perClass: 1, seed: 0, rest: true });
    expect([two.length, others.length]).toEqual([2, 4]);
    expect([...two, ...others].sort()).toEqual(images.map(({ id }) => id).sort());
  });
});
