import { FaroutError, type PartContext, type Rows } from '@farout/core';
import { concat, input, type Dimension, type NDArray, type Tensor } from '@farout/tensor';

/** Rows, and by what each of them is multiplied first. */
export interface ScaledRows extends Rows {
  /** One number a row. */
  readonly scales: Float64Array;
}

/** Rows of a bank in which neighbours are looked for. */
export interface BankRows extends ScaledRows {
  /** What is taken off every product with a row, one number a row; nothing when absent. */
  readonly offsets?: Float32Array;
}

/** A bank in blocks of any size. */
export type BankBlocks = AsyncIterable<BankRows> | Iterable<BankRows>;

/** Rows that look for neighbours, and a bank → their k largest ⟨q, b⟩ − o, (N, k), descending. */
export type Search = (queries: ScaledRows, bank: BankBlocks) => Promise<Float32Array>;

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
  // A number of rows that is known saves TopK a copy of the products.
  const [full, part] = [await compile({ next: nextOf(rowsAtOnce) }), await compile({ next: nextOf('N') })];
  return async (queries, bank) => {
    const tiles = tilesOf(queries, k);
    for await (const block of blocksOf(bank, blockRows)) {
      signal.throwIfAborted();
      for (const tile of tiles) {
        const step = tile.best.shape[0] === rowsAtOnce ? full : part;
        tile.best = (await step({ ...tile, ...block })).next!;
      }
    }
    return largestOf(tiles, k, queries.shape[0]);
  };

  function nextOf(size: Dimension): Tensor {
    const products = input('queries', [size, 'D']).linear(input('rows', [blockRows, 'D']), input('bias', [blockRows]));
    return concat([input('best', [size, k]), products], 1).topK(k, 1, { sorted: false }).values;
  }
}

type Context = Pick<PartContext, 'compile' | 'signal'>;

/** Rows that look at once: so many that the products are computed fast, so few that they stay in a processor's cache. */
const rowsAtOnce = 512;
/** How large the bank's blocks are, likewise; onnxruntime's TopK has a heap where few of many are wanted, and else sorts. */
const blockRowsAtLeast = 2048;
const rowsPerNeighbour = 8;

function refuseSmallBank(k: number, count: number): never {
  throw new FaroutError('OOD_DETECTOR_FAILED', `it searches for ${k} neighbours, but its bank has only ${count} rows`, {
    fix: 'Use more fit images, or a smaller k.',
  });
}

/** Some rows, and the largest products that they have had so far. */
interface Tile {
  readonly queries: NDArray;
  /** In no order. */
  best: NDArray;
}

function tilesOf(all: ScaledRows, k: number): Tile[] {
  const [count, width] = [all.shape[0], spacedWidth(all.shape[1])];
  return Array.from({ length: Math.ceil(count / rowsAtOnce) }, (_, tile) => {
    const [first, end] = [tile * rowsAtOnce, Math.min((tile + 1) * rowsAtOnce, count)];
    // The products of a single row are added up in another order: it gets company, which is zeros.
    const size = Math.max(end - first, 2);
    const data = new Float32Array(size * width);
    for (let row = first; row < end; row++) copyScaled(all, row, data, (row - first) * width);
    const best = { data: new Float32Array(size * k).fill(-Infinity), shape: [size, k] };
    return { queries: { data, shape: [size, width] }, best };
  });
}

/**
 * Numbers of a row in memory, zeros at its end included: rows that lie a multiple of a page apart would all fall into the same few
 * places of a processor's cache, and products of 2,048 numbers would take a tenth longer.
 */
const spacedWidth = (width: number) => (width % floatsOfPage === 0 ? width + floatsOfLine : width);
const floatsOfPage = 1024;
const floatsOfLine = 16;

function largestOf(tiles: readonly Tile[], k: number, count: number): Float32Array {
  const all = new Float32Array(count * k);
  tiles.forEach(({ best }, tile) => {
    const start = tile * rowsAtOnce * k;
    all.set((best.data as Float32Array).subarray(0, all.length - start), start);
  });
  for (let start = 0; start < all.length; start += k)
    all
      .subarray(start, start + k)
      .sort()
      .reverse();
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
  for await (const some of bank) {
    const [count, width] = [some.shape[0], spacedWidth(some.shape[1])];
    if (rows.length === 0) rows = new Float32Array(size * width);
    for (let row = 0; row < count; row++) {
      copyScaled(some, row, rows, filled * width);
      bias[filled++] = -(some.offsets?.[row] ?? 0);
      if (filled < size) continue;
      yield block();
      filled = 0;
    }
  }
  if (filled === 0) return;
  bias.fill(-Infinity, filled);
  yield block();
}

/** Copies a row to a place, multiplied by its scale. */
function copyScaled({ data, shape: [, width], scales }: ScaledRows, row: number, to: Float32Array, at: number): void {
  const [start, scale] = [row * width, scales[row]!];
  for (let i = 0; i < width; i++) to[at + i] = data[start + i]! * scale;
}
