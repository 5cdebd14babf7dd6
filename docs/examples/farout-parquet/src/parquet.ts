import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { defineDataset, folderPath, z, type DatasetImage } from '@farout/core';
import { checkImageColumn, checkLabelColumn } from './columns.ts';
import { ImageReader } from './image-reader.ts';
import { readLabels } from './labels.ts';
import { refusal } from './refusal.ts';
import { openTable } from './table.ts';

/**
 * The images in Parquet files, as the Hugging Face hub serves them: a column of structs `{ bytes, path }`, or of bytes, and
 * one of classes. Files in the order of their names, then rows; an image is called `<file>:<row>`. Only footers and labels are
 * read until an image is asked for.
 *
 * @throws FaroutError OOD_DATASET_INVALID when there is no file, or one that is damaged or lacks a column.
 */
export const parquet = defineDataset({
  name: 'parquet',
  about: { summary: 'Images in Parquet files, as the Hugging Face hub serves them.' },
  params: z.object({
    folder: folderPath().describe('the folder that holds the .parquet files'),
    split: z
      .string()
      .min(1)
      .optional()
      .describe('only files whose names begin with it and a hyphen: test-00000-of-00004.parquet'),
    image: z.string().min(1).default('image').describe('the column with the encoded images'),
    label: z.string().min(1).optional().describe('the column with the classes; without it no image has a label'),
    limit: z.int().min(1).optional().describe('at most so many images, from the start of the order'),
  }),
  open: async ({ folder, split, image, label, limit = Infinity }) => {
    const images: DatasetImage[] = [];
    for (const file of await parquetFiles(folder, split)) {
      if (images.length >= limit) break;
      for (const each of await imagesOf(file, { image, label })) images.push(each);
    }
    return { images: images.slice(0, limit) };
  },
});

/** Absolute paths, in the order of their names. */
async function parquetFiles(folder: string, split: string | undefined): Promise<string[]> {
  const begin = split === undefined ? '' : `${split}-`;
  const names = (await readdir(folder)).filter((name) => name.endsWith('.parquet') && name.startsWith(begin));
  if (names.length > 0) return names.sort().map((name) => path.resolve(folder, name));
  throw refusal(folder, `there is no file ${begin}….parquet`);
}

interface Columns {
  readonly image: string;
  readonly label: string | undefined;
}

async function imagesOf(file: string, { image, label }: Columns): Promise<DatasetImage[]> {
  const table = await openTable(file);
  checkImageColumn(table, image);
  if (label !== undefined) checkLabelColumn(table, label);
  const labels = label === undefined ? [] : await readLabels(table, label);
  const reader = new ImageReader(table, image);
  return Array.from({ length: table.rows }, (_, row) => ({
    id: `${table.name}:${row}`,
    ...(labels[row] !== undefined && { label: labels[row] }),
    version: `${table.version}, row ${row} of ${image}`,
    read: () => reader.read(row),
  }));
}
