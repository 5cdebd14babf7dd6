import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ImageSource } from '@farout/core';
import { parquet } from '../src/parquet.ts';
import { folderOf } from './folder-of.ts';
import { bytesOf } from './parquet-of.ts';

/** Files of golden/parquet.py, and whether they have the footer of the Hugging Face hub. */
const goldens = [
  ['pyarrow-snappy', true],
  ['pyarrow-gzip-v2', true],
  ['pyarrow-plain', true],
  ['duckdb-snappy', false],
  ['duckdb-gzip', false],
  ['duckdb-uncompressed', false],
  ['duckdb-v2', false],
] as const;

describe('Parquet files that other libraries have written', () => {
  it.each(goldens)('have their images, labels and classes: %s', async (name, isOfHub) => {
    const folder = folderOf({});
    copyFileSync(new URL(`golden/${name}.parquet`, import.meta.url), join(folder, 'a.parquet'));
    const { images, classes } = await parquet.open({ folder, image: 'image', label: 'label' });
    const labels = Array.from({ length: 12 }, (_, row) => (row === 7 ? undefined : row % 3));
    expect(images.map(({ label }) => label)).toEqual(labels);
    expect(classes).toEqual(isOfHub ? ['healthy', 'rust', 'spot'] : undefined);
    for (const row of [11, 0, 4, 5, 1]) {
      const bytes = (await (images[row] as ImageSource).read()) as Uint8Array;
      expect([row, ...bytes]).toEqual([row, ...bytesOf(row % 5)]);
    }
  });
});
