import * as zlib from 'node:zlib';
import {
  parquetMetadataAsync,
  parquetSchema,
  type AsyncBuffer,
  type ColumnMetaData,
  type Compressors,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet';
import type { PackedFile } from './packed-file.ts';
import { unpackSnappy } from './snappy.ts';

/** A Parquet file with its parsed footer. */
export interface Table {
  readonly file: PackedFile;
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly columns: readonly SchemaTree[];
  readonly rows: number;
}

/**
 * Reads only the footer of a Parquet file.
 *
 * @throws FaroutError OOD_DATASET_INVALID if it is not a Parquet file, or its footer makes impossible claims.
 */
export async function openTable(file: PackedFile): Promise<Table> {
  const buffer: AsyncBuffer = {
    byteLength: file.size,
    slice: async (start, end = file.size) => wholeBuffer(await file.read(start, Math.max(0, end - start))),
  };
  const { metadata, columns, rows } = await readFooter(buffer).catch((cause: unknown) => {
    throw file.refusal(`it is not a Parquet file, or it is damaged (${String(cause)})`, { cause });
  });
  // Lists of that length are allocated; a row with an image takes at least one byte.
  if (!(rows >= 0 && rows <= file.size)) throw file.refusal(`it claims ${rows} rows in ${file.size} bytes`);
  return { file, buffer, metadata, columns, rows };
}

/** The ArrayBuffer of bytes, copied only if it is shared. */
const wholeBuffer = ({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer =>
  (byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;

async function readFooter(buffer: AsyncBuffer) {
  const metadata = await parquetMetadataAsync(buffer);
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  return { metadata, columns: parquetSchema(metadata).children, rows };
}

/** Checks the column of encoded images: bytes, or a struct with a member `bytes`, as written by the hub. */
export function checkImageColumn(table: Table, column: string): void {
  const found = columnOf(table, column);
  const bytes = found.children.find(({ element }) => element.name === 'bytes') ?? found;
  if (bytes.element.type !== 'BYTE_ARRAY' || bytes.element.converted_type !== undefined) {
    throw table.file.refusal(`the column "${column}" contains neither bytes nor a struct with the member "bytes"`, {
      fix: 'Name the column of the images: image: img.',
    });
  }
  checkChunks(table, column);
}

/** Checks the column of classes: integers. */
export function checkLabelColumn(table: Table, column: string): void {
  const { type = 'a struct' } = columnOf(table, column).element;
  if (type !== 'INT32' && type !== 'INT64') {
    throw table.file.refusal(`the column "${column}" is ${type}, expected whole numbers (INT32 or INT64)`, {
      fix: 'Name the column of the classes: label: fine_label.',
    });
  }
  checkChunks(table, column);
}

function columnOf({ file, columns }: Table, column: string): SchemaTree {
  const found = columns.find(({ element }) => element.name === column);
  if (found) return found;
  const names = columns.map(({ element }) => element.name).join(', ');
  throw file.refusal(`it has no column "${column}"`, { fix: `Columns: ${names}.` });
}

/** Limits the unpacked size of a page to what its header says. */
const sizes = (maxOutputLength: number) => ({ maxOutputLength: Math.max(1, maxOutputLength) });

/** `zstdDecompressSync`, available since Node 22.15. */
const zstd = (zlib as { zstdDecompressSync?: (bytes: Uint8Array, options: object) => Uint8Array }).zstdDecompressSync;

/** Decompression functions for pages. */
export const compressors: Compressors = {
  SNAPPY: unpackSnappy,
  GZIP: (bytes, size) => zlib.gunzipSync(bytes, sizes(size)),
  BROTLI: (bytes, size) => zlib.brotliDecompressSync(bytes, sizes(size)),
  ...(zstd && { ZSTD: (bytes: Uint8Array, size: number) => zstd(bytes, sizes(size)) }),
};

const codecs: readonly string[] = ['UNCOMPRESSED', ...Object.keys(compressors)];

/** Limit for a row group, which is read as a whole: 512 MiB. */
const mostBytes = 2 ** 29;

/** Checks that the positions, compression and unpacked sizes in the footer are possible. */
function checkChunks({ file, metadata }: Table, column: string): void {
  for (const [group, { columns }] of metadata.row_groups.entries()) {
    for (const { meta_data: chunk } of columns) {
      if (chunk?.path_in_schema[0] !== column) continue;
      const [fault, fix] = faultOf(chunk, file.size) ?? [];
      if (fault !== undefined)
        throw file.refusal(`the column "${column}" of row group ${group} ${fault}`, fix === undefined ? {} : { fix });
    }
  }
}

function faultOf(chunk: ColumnMetaData, fileSize: number): readonly [fault: string, fix?: string] | undefined {
  const { codec, data_page_offset, dictionary_page_offset, total_compressed_size, total_uncompressed_size } = chunk;
  const start = Number(dictionary_page_offset ?? data_page_offset);
  const [packed, unpacked] = [Number(total_compressed_size), Number(total_uncompressed_size)];
  if (codec === 'ZSTD' && !codecs.includes(codec))
    return [
      'is compressed with ZSTD',
      'Use Node 22.15 or later, which supports it, or write the file again with Snappy.',
    ];
  if (!codecs.includes(codec))
    return [`is compressed with ${codec}; supported: ${codecs.join(', ')}`, 'Write it again with Snappy.'];
  if (!(start >= 0 && packed >= 0 && start + packed <= fileSize)) return ['is outside the file'];
  if (unpacked <= mostBytes) return undefined;
  return [`has ${unpacked} bytes, at most ${mostBytes}`, 'Write it again with smaller row groups.'];
}
