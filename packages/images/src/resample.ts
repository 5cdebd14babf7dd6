import type { Pixels } from './pixels.ts';
import { resampleWasm } from './resample-wasm.ts';

/** Weights are fixed-point numbers with this many fractional bits, as in Pillow's 8-bit resampling. */
export const weightBits = 22;

/** How output positions of one axis are computed from input positions: output i uses the weights of row i. */
export interface Taps {
  /** Number of output positions. */
  readonly length: number;
  /** The first input position that each output position reads. */
  readonly starts: Int32Array;
  /** How many input positions it reads from there, at least 1. */
  readonly counts: Int32Array;
  /** Row i begins at i · stride; entries after its count are unused. Fixed point, `weightBits`. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** The weight of a pixel as a function of its distance. */
export interface Filter {
  /** From this distance on the weight is 0. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** The filters, by their names in experiments. Source: Pillow 9.4, Resample.c, `bilinear_filter`, `bicubic_filter`. */
export const filters = {
  /** A triangle. */
  bilinear: { support: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  /** Keys' cubic with a = −½. The order of the operations is Pillow's, as all here. */
  bicubic: { support: 2, weight: (distance) => cubic(Math.abs(distance)) },
} as const satisfies Readonly<Record<string, Filter>>;

function cubic(v: number): number {
  if (v < 1) return (1.5 * v - 2.5) * v * v + 1;
  return v < 2 ? (((v - 5) * v + 8) * v - 4) * -0.5 : 0;
}

/** Which positions of a resized axis are computed. */
export interface Stretch {
  readonly first: number;
  readonly length: number;
}

/**
 * The antialiased filter that resizes an axis of `inSize` to `outSize`, for the output positions `first … first + length − 1` alone.
 * With scale = in / out and s = max(scale, 1), output i is centred at c = (i + ½)·scale and reads input x with the filter's weight of
 * (x − c + ½) / s, normalised to sum 1.
 *
 * Source: Pillow 9.4, Resample.c, `precompute_coeffs` and `normalize_coeffs_8bpc`.
 */
export function tapsOf(filter: Filter, inSize: number, outSize: number, { first, length }: Stretch): Taps {
  const scale = inSize / outSize;
  const widening = Math.max(scale, 1);
  const support = filter.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Int32Array(length * stride);
  const row = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(inSize, Math.trunc(center + support + 0.5)) - start;
    const sum = fillWeights(row, filter, { start, count, center, widening });
    for (let x = 0; x < count; x++) weights[i * stride + x] = rounded((row[x]! / sum) * 2 ** weightBits);
    starts[i] = start;
    counts[i] = count;
  }
  return { length, starts, counts, weights, stride };
}

/** To the nearest, halves away from 0. */
const rounded = (value: number): number => Math.trunc(value < 0 ? value - 0.5 : value + 0.5);

/** The input positions of one output position, its centre, and by how much the filter is wider than it is defined. */
interface Reach {
  readonly start: number;
  readonly count: number;
  readonly center: number;
  readonly widening: number;
}

/** Writes the weights and returns their sum. The order of the operations, 1 / s included, is Pillow's: it decides how weights round. */
function fillWeights(row: Float64Array, filter: Filter, { start, count, center, widening }: Reach): number {
  const narrowing = 1 / widening;
  let sum = 0;
  for (let x = 0; x < count; x++) {
    const weight = filter.weight((x + start - center + 0.5) * narrowing);
    row[x] = weight;
    sum += weight;
  }
  return sum;
}

/** Rows of pixels of three bytes; row i begins at i · stride. */
interface Rows {
  readonly data: Uint8Array;
  readonly stride: number;
}

/** Rows processed at a time; in a group that extends past the last row, the extra results are ignored. */
const group = 4;

/**
 * An image mixed down to `columns.length` × `rows.length` pixels: along rows first, rounded to uint8, then along columns;
 * output = (2²¹ + Σ weight · input) >> 22 in int32, clipped to 0 … 255. The rows are valid until the next call.
 *
 * Runs in WebAssembly, four int32 at a time. Apart from the narrow rows between the passes, its memory holds only four rows of the image at once,
 * and of these only the part that is read: for a crop of 224, at most 10 MB, whatever the image.
 *
 * Source: Pillow 9.4, Resample.c, `ImagingResampleHorizontal_8bpc` and `ImagingResampleVertical_8bpc`.
 */
export function resample({ width, data }: Pixels, columns: Taps, rows: Taps): Rows {
  const [left, right] = extentOf(columns);
  const [top, bottom] = extentOf(rows);
  // One byte more than a row: a pixel is read and written together with the following byte.
  const wideStride = aligned(3 * (right - left) + 1);
  const stride = aligned(3 * columns.length + 1);

  const layout = new MemoryLayout();
  const alongRow = [...layout.taps(columns), columns.length];
  const alongColumn = [...layout.taps(rows), rows.length];
  const wide = layout.next(group * wideStride);
  const narrow = layout.next((bottom - top + group) * stride);
  const mixed = layout.next(rows.length * stride);
  const memory = layout.fill(passes.memory);

  for (let row = top; row < bottom; row += group) {
    for (let i = 0; i < group && row + i < bottom; i++) {
      const line = 3 * (row + i) * width;
      memory.set(data.subarray(line + 3 * left, line + 3 * right), wide + i * wideStride);
    }
    passes.alongRows(wide - 3 * left, wideStride, narrow + (row - top) * stride, stride, ...alongRow);
  }
  passes.alongColumns(narrow - top * stride, mixed, stride, ...alongColumn);
  return { data: memory.subarray(mixed, mixed + rows.length * stride), stride };
}

/** The first input position that is read, and the one after the last. */
const extentOf = ({ starts, counts }: Taps) => [starts[0]!, starts.at(-1)! + counts.at(-1)!] as const;

/** Bytes of a page of WebAssembly's memory. */
const page = 2 ** 16;
/** Bytes of the vectors that arrays are aligned to. */
const vector = 16;
/** Bytes of a number of taps. */
const word = 4;

/** Lays out arrays in a memory, one after another. */
class MemoryLayout {
  #end = 0;
  readonly #taps: { readonly array: Int32Array; readonly at: number }[] = [];

  /** Allocates bytes and returns their address. */
  next(bytes: number): number {
    const at = this.#end;
    this.#end += aligned(bytes);
    return at;
  }

  /** The addresses of starts, counts and weights, and the bytes from one row of weights to the next. */
  taps({ starts, counts, weights, stride }: Taps): readonly [number, number, number, number] {
    return [this.#next(starts), this.#next(counts), this.#next(weights), stride * word];
  }

  /** Grows the memory to hold everything, and writes the taps. The memory never shrinks. */
  fill(memory: PassMemory): Uint8Array {
    const missing = this.#end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / page));
    for (const { array, at } of this.#taps) new Int32Array(memory.buffer).set(array, at / word);
    return new Uint8Array(memory.buffer);
  }

  #next(array: Int32Array): number {
    const at = this.next(array.byteLength);
    this.#taps.push({ array, at });
    return at;
  }
}

/** The next multiple of a vector's bytes. */
const aligned = (bytes: number): number => Math.ceil(bytes / vector) * vector;

/** The memory of the passes: growing it replaces its ArrayBuffer. */
interface PassMemory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => unknown;
}

/** The exports of assembly/resample.ts; see its comments for the parameters. */
interface Passes {
  readonly memory: PassMemory;
  readonly alongRows: (...numbers: readonly number[]) => void;
  readonly alongColumns: (...numbers: readonly number[]) => void;
}

/** Node has it, but TypeScript declares it only for browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** A kilobyte, which even browsers compile synchronously. Uses atob, because browsers have no Buffer. */
const module = new WebAssembly.Module(Uint8Array.from(atob(resampleWasm), (character) => character.charCodeAt(0)));

/** The two passes of resizing, one instance per process. */
export const passes = new WebAssembly.Instance(module).exports as Passes;
