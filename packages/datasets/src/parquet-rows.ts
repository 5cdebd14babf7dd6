import { parquetReadObjects } from 'hyparquet';
import { ReusedMemory } from './reused-memory.ts';
import { compressors, type Table } from './parquet-table.ts';

/** The image cell of a row: bytes, or a struct with bytes. */
type Cell = Uint8Array | { readonly bytes?: Uint8Array | null } | null | undefined;

/** A row group: the half-open range of rows read together. */
interface Group {
  readonly table: Table;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads images row by row. Parquet can only be read in row groups, so the last group is kept: reading images in order reads each group once.
 * Only one group is in memory, across all files, together with the buffer it was read into.
 */
export class RowImages {
  readonly #column: string;
  readonly #groups = new Map<Table, readonly Group[]>();
  #held: { readonly group: Group; readonly images: Promise<(Uint8Array | undefined)[]> } | undefined;
  #memory: ReusedMemory | undefined;

  constructor(column: string) {
    this.#column = column;
  }

  /**
   * The encoded image of a row, within the memory of its group.
   *
   * @throws Error when the row has no image, or its group is damaged.
   */
  async read(table: Table, row: number): Promise<Uint8Array> {
    const group = this.#groupsOf(table).find(({ end }) => row < end)!;
    if (this.#held?.group !== group) this.#held = { group, images: this.#readGroup(group) };
    const bytes = (await this.#held.images)[row - group.start];
    if (!bytes) throw new Error(`row ${row} of ${table.file.name} has no bytes`);
    return bytes;
  }

  #groupsOf(table: Table): readonly Group[] {
    let groups = this.#groups.get(table);
    if (!groups) {
      let start = 0;
      groups = table.metadata.row_groups.map(({ num_rows }) => ({ table, start, end: (start += Number(num_rows)) }));
      this.#groups.set(table, groups);
    }
    return groups;
  }

  async #readGroup({ table, start, end }: Group): Promise<(Uint8Array | undefined)[]> {
    // The previous group may still be loading into this memory.
    const memory = this.#memory ?? new ReusedMemory();
    this.#memory = undefined;
    const column = this.#column;
    const where = { rowStart: start, rowEnd: end, columns: [column] };
    // Without utf8: false, bytes are decoded as text.
    const how = { metadata: table.metadata, compressors, utf8: false };
    const rows = await parquetReadObjects({ file: memory.bufferOf(table), ...where, ...how });
    const images = memory.own(rows.map((row) => bytesOf(row[column] as Cell)));
    this.#memory = memory;
    return images;
  }
}

const bytesOf = (cell: Cell) => (cell instanceof Uint8Array ? cell : cell?.bytes) ?? undefined;

/**
 * The class of each row; undefined for null or −1, which means "unknown" in test sets of the hub.
 *
 * @throws FaroutError OOD_DATASET_INVALID for other negative numbers, or a damaged column.
 */
export async function readLabels(table: Table, column: string): Promise<(number | undefined)[]> {
  const { file, buffer, metadata, rows } = table;
  const read = await parquetReadObjects({ file: buffer, metadata, compressors, columns: [column] }).catch(
    (cause: unknown) => {
      throw file.refusal(`the column "${column}" is damaged (${String(cause)})`, { cause });
    },
  );
  if (read.length !== rows) throw file.refusal(`the column "${column}" has ${read.length} rows, expected ${rows}`);
  return read.map((row, index) => {
    const label = Number(row[column] ?? -1);
    if (Number.isInteger(label) && label >= -1) return label === -1 ? undefined : label;
    throw file.refusal(`row ${index} has the label ${label}, expected 0, 1, … or −1 for unknown`);
  });
}

/** The class names of a column, from the metadata the hub adds to the footer; undefined if there are none. */
export function classNames({ metadata }: Table, column: string): string[] | undefined {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  try {
    const { info } = JSON.parse(text ?? '') as { info: { features: Record<string, { names: unknown }> } };
    const { names } = info.features[column]!;
    const isNames = Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '');
    return isNames ? (names as string[]) : undefined;
  } catch {
    return undefined;
  }
}
