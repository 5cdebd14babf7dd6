import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineDataset, FaroutError, folderPath, z, type DatasetImage } from '@farout/core';
import { limit } from './limit.ts';
import { sortByBytes } from './name-lists.ts';
import { PackedFile } from './packed-file.ts';
import { classNames, readLabels, RowImages } from './parquet-rows.ts';
import { checkImageColumn, checkLabelColumn, openTable, type Table } from './parquet-table.ts';

/**
 * Images in Parquet files, as served by the Hugging Face hub: a column of structs `{ bytes, path }` or of bytes, and a column of classes, whose
 * names the hub writes into the file. Images are in the order of file names, then rows; an image id is `<file>:<row>`. Only footers and labels
 * are read until an image is requested.
 *
 * @throws FaroutError OOD_DATASET_INVALID when there is no file, or one that is damaged or lacks a column.
 */
export const parquet = defineDataset({
  name: 'parquet',
  about: { summary: 'Images in Parquet files, as served by the Hugging Face hub.' },
  params: z.object({
    folder: folderPath().describe('the folder of the .parquet files'),
    prefix: z
      .string()
      .min(1)
      .optional()
      .describe('use only files whose names start with this: test- for test-00000-of-00004.parquet'),
    image: z
      .string()
      .min(1)
      .default('image')
      .describe('the column with the encoded images: structs { bytes, path }, or bytes'),
    label: z
      .string()
      .min(1)
      .optional()
      .describe('the column with the classes; null and −1 mean unknown. Without it, images have no labels'),
    limit: limit(),
  }),
  open: async ({ folder, prefix = '', image, label, limit = Infinity }) => {
    const images: DatasetImage[] = [];
    const rows = new RowImages(image);
    let classes: readonly string[] | undefined;
    for (const path of await filesIn(folder, prefix)) {
      if (images.length >= limit) break;
      const table = await openTable(await PackedFile.open(path));
      classes ??= label === undefined ? undefined : classNames(table, label);
      for (const each of await imagesOf(table, rows, { image, label })) images.push(each);
    }
    return { images: images.slice(0, limit), ...(classes && { classes }) };
  },
});

/** The absolute paths, sorted by name. */
async function filesIn(folder: string, prefix: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.parquet') && name.startsWith(prefix));
  if (names.length > 0) return sortByBytes(names).map((name) => resolve(folder, name));
  throw new FaroutError('OOD_DATASET_INVALID', `${folder} has no file ${prefix}….parquet`, {
    fix: 'Name the folder that contains the .parquet files; subfolders do not count.',
  });
}

async function imagesOf(
  table: Table,
  rows: RowImages,
  { image, label }: { readonly image: string; readonly label: string | undefined },
): Promise<DatasetImage[]> {
  checkImageColumn(table, image);
  if (label !== undefined) checkLabelColumn(table, label);
  const labels = label === undefined ? [] : await readLabels(table, label);
  return Array.from({ length: table.rows }, (_, row) => ({
    id: `${table.file.name}:${row}`,
    ...(labels[row] !== undefined && { label: labels[row] }),
    version: `parquet ${table.file.version} ${row} ${image}`,
    read: () => rows.read(table, row),
  }));
}
