import { parquetReadObjects } from 'hyparquet';
import { ReusedMemory } from './reused-memory.ts';
import { compressors, type Table } from './parquet-table.ts';

/** What a row has of an image: its bytes, or a struct that holds them. */
type Cell = Uint8Array | { readonly bytes?: Uint8Array | null } | null | undefined;

/** Rows of a file that are read together: from the first, and before the last. */
interface Group {
  readonly table: Table;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads images row by row. A Parquet file can be read in row groups only, so the last one read is kept: images that are asked for in their order
 * cost one reading of each group, and one group is all that stands in memory, of however many files, with the memory that it was read into.
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
   * @throws Error when the row has none, or its group is damaged.
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
    // The group before may still be on its way, in the memory of this one.
    const memory = this.#memory ?? new ReusedMemory();
    this.#memory = undefined;
    const column = this.#column;
    const where = { rowStart: start, rowEnd: end, columns: [column] };
    // Without utf8: false, bytes are taken for text.
    const how = { metadata: table.metadata, compressors, utf8: false };
    const rows = await parquetReadObjects({ file: memory.bufferOf(table), ...where, ...how });
    const images = memory.own(rows.map((row) => bytesOf(row[column] as Cell)));
    this.#memory = memory;
    return images;
  }
}

const bytesOf = (cell: Cell) => (cell instanceof Uint8Array ? cell : cell?.bytes) ?? undefined;

/**
 * The class of each row; undefined where it is null or −1, which stands for "unknown" in test sets of the hub.
 *
 * @throws FaroutError OOD_DATASET_INVALID for other negative numbers, and where the column is damaged.
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

/** What the hub says that the classes of a column are called, in the words that it adds to the footer; undefined where it does not. */
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
