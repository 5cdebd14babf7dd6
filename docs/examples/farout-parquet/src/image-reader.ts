import { parquetReadObjects } from 'hyparquet';
import type { Table } from './table.ts';

/** What a row has of an image: its bytes, or a struct that holds them. */
type Cell = Uint8Array | { readonly bytes?: Uint8Array | null } | null | undefined;

/** Rows of a file that are read together: from the first, and before the last. */
interface Group {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads images row by row. A Parquet file can be read in row groups only, so the last one read is kept: images that are asked
 * for in their order cost one reading of each group, and one group is all that stands in memory.
 */
export class ImageReader {
  readonly #table: Table;
  readonly #column: string;
  readonly #groups: readonly Group[];
  #held: { readonly group: Group; readonly cells: Promise<Cell[]> } | undefined;

  constructor(table: Table, column: string) {
    this.#table = table;
    this.#column = column;
    let start = 0;
    this.#groups = table.metadata.row_groups.map(({ num_rows }) => ({ start, end: (start += Number(num_rows)) }));
  }

  /**
   * The encoded image of a row, in memory of its own.
   *
   * @throws Error when the row has none, or its group is damaged.
   */
  async read(row: number): Promise<Uint8Array> {
    const group = this.#groups.find(({ end }) => row < end)!;
    if (this.#held?.group !== group) this.#held = { group, cells: this.#readGroup(group) };
    const cell = (await this.#held.cells)[row - group.start];
    const bytes = cell instanceof Uint8Array ? cell : cell?.bytes;
    if (!bytes) throw new Error(`row ${row} of ${this.#table.name} holds no bytes`);
    return bytes.slice();
  }

  async #readGroup({ start, end }: Group): Promise<Cell[]> {
    const { file, metadata } = this.#table;
    const column = this.#column;
    const where = { rowStart: start, rowEnd: end, columns: [column] };
    // Without utf8: false, bytes are taken for text.
    const rows = await parquetReadObjects({ file, metadata, ...where, utf8: false });
    return rows.map((row) => row[column] as Cell);
  }
}
