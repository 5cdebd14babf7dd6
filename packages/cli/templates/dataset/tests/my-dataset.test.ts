import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testDataset } from '@farout/testing';
import { describe, it } from 'vitest';
import { dataset } from '../src/my-dataset.ts';

// The contract reads the files but decodes none: any bytes do.
const root = mkdtempSync(path.join(tmpdir(), 'my-dataset-'));
for (const name of ['1_cat.jpg', '0_dog.png', 'unknown.PNG', 'notes.txt']) writeFileSync(path.join(root, name), name);
const empty = mkdtempSync(path.join(tmpdir(), 'my-dataset-'));

testDataset(
  dataset,
  [
    {
      title: 'the class is the number in front of the name',
      params: { root },
      ids: ['0_dog.png', '1_cat.jpg', 'unknown.PNG'],
      labels: [0, 1, undefined],
    },
    { title: 'a folder without images fails', params: { root: empty }, fails: 'OOD_DATASET_INVALID' },
    { title: 'no root is refused', params: {}, refused: 'root' },
  ],
  { describe, it },
);
