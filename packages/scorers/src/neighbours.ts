import { FaroutError, type PartContext, type Rows } from '@farout/core';
import { concat, input, type NDArray } from '@farout/tensor';

/** Rows of a bank in which neighbours are looked for. */
export interface BankRows extends Rows {
  /** By what each row is multiplied first, one number a row. */
  readonly scales: Float64Array;
  /** What is taken off every product with a row, one number a row; nothing when absent. */
  readonly offsets?: Float32Array;
}

/** A bank in blocks of any size. */
export type BankBlocks = AsyncIterable<BankRows> | Iterable<BankRows>;

/** Rows that look for neighbours, and a bank → their k largest ⟨q, b⟩ − o, (N, k), descending. */
export type Search = (queries: Rows, bank: BankBlocks) => Promise<Float32Array>;

/**
 * Looks for the k neighbours of each row q in a bank of `count` rows b: the k largest ⟨q, b⟩ − o, exactly. The bank goes by in blocks:
 * of each, onnxruntime works out the products, and keeps the k largest beside those so far. The k largest of a row are the same,
 * to the bit, whichever rows it comes with, and however the bank is cut.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when the bank has fewer than k rows.
 */
export async function openSearch({ compile, signal }: Context, k: number, count: number): Promise<Search> {
  if (count < k) refuseSmallBank(k, count);
  const blockRows = Math.min(count, Math.max(blockRowsAtLeast, rowsPerNeighbour * k));
  const products = input('queries', ['N', 'D']).linear(input('rows', [blockRows, 'D']), input('bias', [blockRows]));
  const step = await compile({ next: concat([input('best', ['N', k]), products], 1).topK(k).values });
  return async (queries, bank) => {
    const tiles = tilesOf(queries, k);
    for await (const block of blocksOf(bank, blockRows)) {
      signal.throwIfAborted();
      for (const tile of tiles) tile.best = (await step({ ...tile, ...block })).next!;
    }
    return largestOf(tiles, k, queries.shape[0]);
  };
}

type Context = Pick<PartContext, 'compile' | 'signal'>;

/** Rows that look at once: so many that the products are computed fast, so few that they stay in a processor's cache. */
const rowsAtOnce = 512;
/** How large the bank's blocks are, likewise; onnxruntime's TopK has a heap where few of many are wanted, and else sorts. */
const blockRowsAtLeast = 2048;
const rowsPerNeighbour = 8;

function refuseSmallBank(k: number, count: number): never {
  throw new FaroutError('OOD_DETECTOR_FAILED', `it looks for ${k} neighbours, but its bank has ${count} rows`, {
    fix: 'Give it more images to remember, or a smaller k.',
  });
}

/** Some rows, and the largest products that they have had so far. */
interface Tile {
  readonly queries: NDArray;
  best: NDArray;
}

function tilesOf({ data, shape: [count, width] }: Rows, k: number): Tile[] {
  return Array.from({ length: Math.ceil(count / rowsAtOnce) }, (_, tile) => {
    const own = data.subarray(tile * rowsAtOnce * width, (tile + 1) * rowsAtOnce * width);
    // The products of a single row are added up in another order: it gets company.
    const rows = own.length === width ? Float32Array.from([...own, ...own]) : own;
    const size = rows.length / width;
    const best = { data: new Float32Array(size * k).fill(-Infinity), shape: [size, k] };
    return { queries: { data: rows, shape: [size, width] }, best };
  });
}

function largestOf(tiles: readonly Tile[], k: number, count: number): Float32Array {
  const all = new Float32Array(count * k);
  tiles.forEach(({ best }, tile) => {
    const start = tile * rowsAtOnce * k;
    all.set((best.data as Float32Array).subarray(0, all.length - start), start);
  });
  return all;
}

/** What a step is fed with of the bank. */
interface Block {
  readonly rows: NDArray;
  readonly bias: NDArray;
}

/** A bank's rows in blocks of one size, each in the memory of the one before; what the last one lacks is infinitely far away. */
async function* blocksOf(bank: BankBlocks, size: number): AsyncGenerator<Block> {
  const bias = new Float32Array(size);
  let rows = new Float32Array(0);
  let filled = 0;
  const block = () => ({
    rows: { data: rows, shape: [size, rows.length / size] },
    bias: { data: bias, shape: [size] },
  });
  for await (const { data, shape, scales, offsets } of bank) {
    const [count, width] = shape;
    if (rows.length === 0) rows = new Float32Array(size * width);
    for (let row = 0; row < count; row++) {
      copyScaled(data.subarray(row * width, (row + 1) * width), scales[row]!, rows, filled * width);
      bias[filled++] = -(offsets?.[row] ?? 0);
      if (filled < size) continue;
      yield block();
      filled = 0;
    }
  }
  if (filled === 0) return;
  bias.fill(-Infinity, filled);
  yield block();
}

function copyScaled(row: Float32Array, scale: number, to: Float32Array, at: number): void {
  for (let i = 0; i < row.length; i++) to[at + i] = row[i]! * scale;
}
