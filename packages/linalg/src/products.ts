import { LinalgError } from './matrix.ts';
import { productsWasm } from './products-wasm.ts';

/** A matrix within an array: number (i, j) is `data[i · row + j · column]`. */
export interface Part {
  readonly data: Float64Array;
  readonly row: number;
  readonly column: number;
}

/** A matrix whose rows are `stride` numbers apart. */
export const rowsOf = (data: Float64Array, stride: number): Part => ({ data, row: stride, column: 1 });

/** The same data with rows and columns exchanged. */
export const transposed = ({ data, row, column }: Part): Part => ({ data, row: column, column: row });

/** The part of a matrix that starts at row i and column j. */
export const partFrom = ({ data, row, column }: Part, i: number, j: number): Part => ({
  data: data.subarray(i * row + j * column),
  row,
  column,
});

/** The sizes of a product: (rows, depth) · (depth, columns). */
export interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** The result is symmetric and only its upper triangle is needed; the rest is left undefined. */
  readonly upper?: boolean;
}

/** Products of arrays within one workspace. Every sum has the same order on every machine. */
export interface Products {
  /** C += factor · A·B; C's columns are adjacent in memory. */
  addProduct(c: Part, a: Part, b: Part, size: ProductSize, factor: number): void;
  /** y += A·x for a symmetric A, (n, n), of which only the upper triangle is read. */
  addSymmetricProduct(y: Float64Array, a: Part, x: Float64Array, n: number): void;
  /** out[i] = row i of A · x. */
  dotRows(out: Float64Array, a: Part, x: Float64Array, count: number, length: number): void;
  /** y += factor · Σ weights[i] · row i of A. */
  addRows(y: Float64Array, a: Part, weights: Float64Array, count: number, length: number, factor: number): void;
}

/** Arrays that products can work on, initially zero, freed together. */
export type Workspace<Name extends string> = Readonly<Record<Name, Float64Array>> & { readonly products: Products };

/**
 * Allocates the arrays of one computation, with the given numbers of elements.
 *
 * @throws LinalgError when they need more than the 4 GiB that WebAssembly can address, or more than available.
 */
export function openWorkspace<Name extends string>(sizes: Readonly<Record<Name, number>>): Workspace<Name> {
  const own = { packedLeft: block.rows * block.depth, packedRight: block.depth * block.columns };
  const entries = Object.entries<number>({ ...sizes, ...own });
  const total = entries.reduce((sum, [, count]) => sum + aligned(count), 0) * bytes;
  const memory = allocated(total);
  let at = 0;
  const arrays = entries.map(([name, count]) => {
    const array = new Float64Array(memory.buffer, at, count);
    at += aligned(count) * bytes;
    return [name, array] as const;
  });
  const named = Object.fromEntries(arrays) as Record<Name | keyof typeof own, Float64Array>;
  return { ...named, products: productsIn(memory, named) };
}

const bytes = Float64Array.BYTES_PER_ELEMENT;
/** Arrays are aligned to vectors of two numbers. */
const aligned = (count: number) => Math.ceil(count / 2) * 2;
/** The bytes in a page of WebAssembly memory, and the maximum number of pages. */
const page = { bytes: 2 ** 16, most: 2 ** 16 };

/** The part of a product that is packed at once; both packed blocks fit into half a level-two cache. */
const block = { rows: 64, columns: 256, depth: 256 };

function allocated(size: number): Memory {
  const pages = Math.ceil(size / page.bytes);
  try {
    return new WebAssembly.Memory({ initial: Math.min(pages, page.most + 1) });
  } catch (cause) {
    throw new LinalgError(`the matrices need ${(size / 2 ** 30).toFixed(1)} GiB, more than is available`, {
      fix: 'Use fewer columns or rows: one computation has at most 4 GiB.',
      cause,
    });
  }
}

/** The exports of assembly/products.ts, whose comments explain the arguments. */
interface Kernels {
  readonly pack: (...numbers: readonly number[]) => void;
  readonly multiplyPanels: (...numbers: readonly number[]) => void;
  readonly addSymmetricProduct: (...numbers: readonly number[]) => void;
  readonly dotRows: (...numbers: readonly number[]) => void;
  readonly addRows: (...numbers: readonly number[]) => void;
}

interface Memory {
  readonly buffer: ArrayBuffer;
}

/** Available in Node, but TypeScript declares it only with the DOM library. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const module = new WebAssembly.Module(Buffer.from(productsWasm, 'base64'));

/** Memory for the packed parts of a product. */
interface Packed {
  readonly packedLeft: Float64Array;
  readonly packedRight: Float64Array;
}

function productsIn(memory: Memory, packed: Packed): Products {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels;
  return {
    addProduct: (c, a, b, size, factor) => addProduct(kernels, packed, c, a, b, size, factor),
    addSymmetricProduct: (y, a, x, n) =>
      kernels.addSymmetricProduct(y.byteOffset, a.data.byteOffset, a.row * bytes, x.byteOffset, n),
    dotRows: (out, a, x, count, length) =>
      kernels.dotRows(out.byteOffset, a.data.byteOffset, a.row * bytes, x.byteOffset, count, length),
    addRows: (y, a, weights, count, length, factor) =>
      kernels.addRows(y.byteOffset, a.data.byteOffset, a.row * bytes, weights.byteOffset, count, length, factor),
  };
}

/** Computes the product block by block: a block of B is packed once for all rows of A and stays in the cache. */
function addProduct(kernels: Kernels, packed: Packed, c: Part, a: Part, b: Part, size: ProductSize, factor: number) {
  const { rows, columns, depth, upper } = size;
  const [left, right] = [packed.packedLeft.byteOffset, packed.packedRight.byteOffset];
  for (let k = 0; k < depth; k += block.depth) {
    const deep = Math.min(block.depth, depth - k);
    for (let j = 0; j < columns; j += block.columns) {
      const wide = Math.min(block.columns, columns - j);
      kernels.pack(right, addressOf(b, k, j), b.column * bytes, b.row * bytes, wide, deep);
      for (let i = 0; i < (upper ? Math.min(rows, j + wide) : rows); i += block.rows) {
        const high = Math.min(block.rows, rows - i);
        const skipped = upper ? Math.max(0, i - j) : 0;
        kernels.pack(left, addressOf(a, i, k), a.row * bytes, a.column * bytes, high, deep);
        const to = addressOf(c, i, j + skipped);
        const from = right + skipped * deep * bytes;
        kernels.multiplyPanels(to, c.row * bytes, left, from, high, wide - skipped, deep, factor);
      }
    }
  }
}

const addressOf = ({ data, row, column }: Part, i: number, j: number) =>
  data.byteOffset + (i * row + j * column) * bytes;
