import { FaroutError, type PartContext, type Rows } from '@farout/core';
import { concat, input, type Dimension, type NDArray, type Tensor } from '@farout/tensor';

/** Rows, and the factor that each is multiplied by first. */
export interface ScaledRows extends Rows {
  /** One factor per row. */
  readonly scales: Float64Array;
}

/** Rows of the bank that is searched. */
export interface BankRows extends ScaledRows {
  /** Subtracted from every product with a row, one number per row; nothing is subtracted when absent. */
  readonly offsets?: Float32Array;
}

/** A bank, in blocks of any size. */
export type BankBlocks = AsyncIterable<BankRows> | Iterable<BankRows>;

/** Query rows and a bank → the k largest ⟨q, b⟩ − o of each query, (N, k), descending. */
export type Search = (queries: ScaledRows, bank: BankBlocks) => Promise<Float32Array>;

/**
 * Finds the k neighbours of each row q in a bank of `count` rows b: the k largest ⟨q, b⟩ − o, exactly. The bank is read in blocks; for
 * each, onnxruntime computes the products and merges them into the k largest so far. The result for a row is the same to the bit, whatever
 * other rows it is searched with and however the bank is split.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when the bank has fewer than k rows.
 */
export async function openSearch({ compile, signal }: Context, k: number, count: number): Promise<Search> {
  if (count < k) refuseSmallBank(k, count);
  const blockRows = Math.min(count, Math.max(blockRowsAtLeast, rowsPerNeighbour * k));
  // A fixed number of rows saves TopK a copy of the products.
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

/** Query rows per step: enough for fast matrix products, few enough to stay in the processor's cache. */
const rowsAtOnce = 512;
/** Rows per block of the bank, chosen likewise; onnxruntime's TopK uses a heap when few of many are wanted, and otherwise sorts. */
const blockRowsAtLeast = 2048;
const rowsPerNeighbour = 8;

function refuseSmallBank(k: number, count: number): never {
  throw new FaroutError('OOD_DETECTOR_FAILED', `it searches for ${k} neighbours, but its bank has only ${count} rows`, {
    fix: 'Use more fit images, or a smaller k.',
  });
}

/** Some query rows and their largest products so far. */
interface Tile {
  readonly queries: NDArray;
  /** Unordered. */
  best: NDArray;
}

function tilesOf(all: ScaledRows, k: number): Tile[] {
  const [count, width] = [all.shape[0], spacedWidth(all.shape[1])];
  return Array.from({ length: Math.ceil(count / rowsAtOnce) }, (_, tile) => {
    const [first, end] = [tile * rowsAtOnce, Math.min((tile + 1) * rowsAtOnce, count)];
    // The products of a single row are summed in another order, so it is padded with a row of zeros.
    const size = Math.max(end - first, 2);
    const data = new Float32Array(size * width);
    for (let row = first; row < end; row++) copyScaled(all, row, data, (row - first) * width);
    const best = { data: new Float32Array(size * k).fill(-Infinity), shape: [size, k] };
    return { queries: { data, shape: [size, width] }, best };
  });
}

/**
 * The length of a row in memory, including zeros at its end. Rows a multiple of a page apart would compete for the same few lines of the
 * processor's cache, and products of 2,048 numbers would take a tenth longer.
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

/** The part of the bank that one step reads. */
interface Block {
  readonly rows: NDArray;
  readonly bias: NDArray;
}

/** The bank's rows in blocks of one size, each reusing the memory of the last. The final block is padded with rows that are infinitely far away. */
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

/** Copies a row, multiplied by its scale. */
function copyScaled({ data, shape: [, width], scales }: ScaledRows, row: number, to: Float32Array, at: number): void {
  const [start, scale] = [row * width, scales[row]!];
  for (let i = 0; i < width; i++) to[at + i] = data[start + i]! * scale;
}
