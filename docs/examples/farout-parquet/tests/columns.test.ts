import { parquetMetadata, parquetSchema, type ColumnMetaData } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { checkImageColumn, checkLabelColumn } from '../src/columns.ts';
import type { Table } from '../src/table.ts';
import { parquetOf, rowsOf } from './write-images.ts';

const bytes = parquetOf(rowsOf(3));

/** A sound file, but for what its footer says of a column. */
function tableWith(column: string, lie: Partial<ColumnMetaData>): Table {
  const metadata = parquetMetadata(bytes);
  const chunk = metadata.row_groups[0]!.columns.find(
    ({ meta_data }) => meta_data!.path_in_schema.join('.') === column,
  )!;
  Object.assign(chunk.meta_data!, lie);
  const file = { byteLength: bytes.length, slice: () => new ArrayBuffer(0) };
  return { name: 'a.parquet', file, metadata, columns: parquetSchema(metadata).children, rows: 3, version: '1' };
}

const lies = [
  ['is compressed by ZSTD', { codec: 'ZSTD' }],
  ['lies outside of the file', { data_page_offset: BigInt(bytes.length) }],
  ['lies outside of the file', { data_page_offset: -1n }],
  ['lies outside of the file', { total_compressed_size: 2n ** 40n }],
  ['lies outside of the file', { total_compressed_size: -1n }],
  ['at most 536870912: write smaller row groups', { total_uncompressed_size: 2n ** 30n }],
] as const;

describe('what a footer says of a column', () => {
  it('is believed when it can be', () => {
    checkImageColumn(tableWith('image.bytes', {}), 'image');
    checkLabelColumn(tableWith('label', {}), 'label');
  });

  it.each(lies)('is refused of images when one of them %s (case %#)', (says, lie) => {
    expect(() => checkImageColumn(tableWith('image.bytes', lie), 'image')).toThrow(says);
  });

  it.each(lies)('is refused of labels when one of them %s (case %#)', (says, lie) => {
    expect(() => checkLabelColumn(tableWith('label', lie), 'label')).toThrow(says);
  });

  it('does not matter for columns that are not read', () => {
    checkLabelColumn(tableWith('image.bytes', { codec: 'ZSTD' }), 'label');
  });
});
