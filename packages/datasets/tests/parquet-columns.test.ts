import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ColumnMetaData } from 'hyparquet';
import { PackedFile } from '../src/packed-file.ts';
import { checkImageColumn, checkLabelColumn, openTable, type Table } from '../src/parquet-table.ts';
import { folderOf } from './folder-of.ts';
import { parquetOf, rowsOf } from './parquet-of.ts';

const bytes = parquetOf(rowsOf(3));
const path = join(folderOf({ 'a.parquet': { bytes: Buffer.from(bytes).toString('latin1') } }), 'a.parquet');

/** A sound file, but for what its footer says of a column. */
async function tableWith(column: string, lie: Partial<ColumnMetaData>): Promise<Table> {
  const table = await openTable(await PackedFile.open(path));
  const { columns } = table.metadata.row_groups[0]!;
  const chunk = columns.find(({ meta_data }) => meta_data!.path_in_schema.join('.') === column)!;
  Object.assign(chunk.meta_data!, lie);
  return table;
}

const lies = [
  ['is compressed with LZ4', { codec: 'LZ4' }],
  ['is outside the file', { data_page_offset: BigInt(bytes.length) }],
  ['is outside the file', { data_page_offset: -1n }],
  ['is outside the file', { total_compressed_size: 2n ** 40n }],
  ['is outside the file', { total_compressed_size: -1n }],
  ['at most 536870912', { total_uncompressed_size: 2n ** 30n }],
] as const;

describe('what a footer says of a column', () => {
  it('is believed when it can be', async () => {
    checkImageColumn(await tableWith('image.bytes', {}), 'image');
    checkLabelColumn(await tableWith('label', {}), 'label');
  });

  it.each(lies)('is refused of images when one of them %s (case %#)', async (says, lie) => {
    const table = await tableWith('image.bytes', lie);
    expect(() => checkImageColumn(table, 'image')).toThrow(says);
  });

  it.each(lies)('is refused of labels when one of them %s (case %#)', async (says, lie) => {
    const table = await tableWith('label', lie);
    expect(() => checkLabelColumn(table, 'label')).toThrow(says);
  });

  it('does not matter for columns that are not read', async () => {
    checkLabelColumn(await tableWith('image.bytes', { codec: 'LZ4' }), 'label');
  });
});
