import { parquetReadObjects } from 'hyparquet';
import { refusal } from './refusal.ts';
import type { Table } from './table.ts';

/**
 * The class of each row; undefined where it is null or −1, which stands for "unknown" in test sets of the hub.
 *
 * @throws FaroutError OOD_DATASET_INVALID for other negative numbers, and where the column is damaged.
 */
export async function readLabels(
  { name, file, metadata, rows }: Table,
  column: string,
): Promise<(number | undefined)[]> {
  const read = await parquetReadObjects({ file, metadata, columns: [column] }).catch((error: unknown) => {
    throw refusal(name, `the column "${column}" is damaged (${String(error)})`, error);
  });
  if (read.length !== rows) throw refusal(name, `the column "${column}" has ${read.length} rows, expected ${rows}`);
  return read.map((row, index) => {
    const label = Number(row[column] ?? -1);
    if (Number.isInteger(label) && label >= -1) return label === -1 ? undefined : label;
    throw refusal(name, `row ${index} has the label ${label}, expected 0, 1, … or −1 for unknown`);
  });
}
