import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetSchema,
  type AsyncBuffer,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet';
import { refusal } from './refusal.ts';

/** A Parquet file whose footer was read. */
export interface Table {
  /** Its name without folders. */
  readonly name: string;
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly columns: readonly SchemaTree[];
  readonly rows: number;
  /** Stands for the file's bytes: its name, size and time of change. */
  readonly version: string;
}

/**
 * Reads the footer of a Parquet file, and nothing else of it.
 *
 * @throws FaroutError OOD_DATASET_INVALID for what is no Parquet file, and for a footer that claims what cannot be.
 */
export async function openTable(absolute: string): Promise<Table> {
  const name = path.basename(absolute);
  const { size, mtimeMs } = await stat(absolute);
  const file = await asyncBufferFromFile(absolute);
  const { metadata, columns, rows } = await readFooter(file).catch((error: unknown) => {
    throw refusal(name, `it is no Parquet file, or a damaged one (${String(error)})`, error);
  });
  // Lists as long as the claim are made of it; no row of images takes less than a byte.
  if (!(rows >= 0 && rows <= size)) throw refusal(name, `it claims ${rows} rows in ${size} bytes`);
  return { name, file, metadata, columns, rows, version: `${name}, ${size} bytes of ${mtimeMs}` };
}

async function readFooter(file: AsyncBuffer) {
  const metadata = await parquetMetadataAsync(file);
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  return { metadata, columns: parquetSchema(metadata).children, rows };
}
