import type { ColumnMetaData, SchemaTree } from 'hyparquet';
import { refusal } from './refusal.ts';
import type { Table } from './table.ts';

/** What can be decompressed without further packages. */
const codecs: readonly string[] = ['UNCOMPRESSED', 'SNAPPY'];

/** A group of rows is read as a whole: more bytes than this at once are refused. 512 MiB */
const mostBytes = 2 ** 29;

/**
 * The column with the encoded images: bytes, or a struct with a member `bytes`, as the hub writes images.
 *
 * @throws FaroutError OOD_DATASET_INVALID when there is none, or when it cannot be read here.
 */
export function checkImageColumn(table: Table, column: string): void {
  const found = columnOf(table, column);
  const bytes = found.children.find(({ element }) => element.name === 'bytes') ?? found;
  if (bytes.element.type !== 'BYTE_ARRAY' || bytes.element.converted_type !== undefined) {
    throw refusal(table.name, `the column "${column}" holds neither bytes nor a struct with the member "bytes"`);
  }
  checkChunks(table, column);
}

/**
 * The column with the classes: whole numbers.
 *
 * @throws FaroutError OOD_DATASET_INVALID when there is none, or when it cannot be read here.
 */
export function checkLabelColumn(table: Table, column: string): void {
  const { type = 'a struct' } = columnOf(table, column).element;
  if (type !== 'INT32' && type !== 'INT64') {
    throw refusal(table.name, `the column "${column}" is ${type}, expected whole numbers (INT32 or INT64)`);
  }
  checkChunks(table, column);
}

function columnOf({ name, columns }: Table, column: string): SchemaTree {
  const found = columns.find(({ element }) => element.name === column);
  if (found) return found;
  throw refusal(
    name,
    `it has no column "${column}"; columns: ${columns.map(({ element }) => element.name).join(', ')}`,
  );
}

/** The footer says where each part of a column lies, how it is compressed and how much it becomes; believed when it can be. */
function checkChunks({ name, file, metadata }: Table, column: string): void {
  for (const [group, { columns }] of metadata.row_groups.entries()) {
    for (const { meta_data: chunk } of columns) {
      if (chunk?.path_in_schema[0] !== column) continue;
      const fault = faultOf(chunk, file.byteLength);
      if (fault !== undefined) throw refusal(name, `the column "${column}" of row group ${group} ${fault}`);
    }
  }
}

function faultOf(chunk: ColumnMetaData, fileSize: number): string | undefined {
  const { codec, data_page_offset, dictionary_page_offset, total_compressed_size, total_uncompressed_size } = chunk;
  const start = Number(dictionary_page_offset ?? data_page_offset);
  const [packed, unpacked] = [Number(total_compressed_size), Number(total_uncompressed_size)];
  if (!codecs.includes(codec)) return `is compressed by ${codec}; known here: ${codecs.join(', ')}`;
  if (!(start >= 0 && packed >= 0 && start + packed <= fileSize)) return 'lies outside of the file';
  return unpacked <= mostBytes ? undefined : `has ${unpacked} bytes, at most ${mostBytes}: write smaller row groups`;
}
