import type { Taps } from './bilinear-taps.ts';
import type { Pixels } from './pixels.ts';
import { resampleWasm } from './resample-wasm.ts';

/** Rows of pixels of three bytes; row i begins at i · stride. */
interface Rows {
  readonly data: Uint8Array;
  readonly stride: number;
}

/** Rows are mixed so many at a time; a group that reaches beyond the last row computes what nobody reads. */
const group = 4;

/**
 * An image mixed down to `columns.length` × `rows.length` pixels: along rows first, rounded to uint8, then along columns;
 * output = (2²¹ + Σ weight · input) >> 22 in int32, clipped to 0 … 255. The rows are valid until the next call.
 *
 * In WebAssembly, four int32 at a time. Beside the narrow rows between the passes only four rows of the image lie in its
 * memory at once, and of these only what is read: for a crop of 224 at most 10 MB, whatever the image.
 *
 * Source: Pillow 9.4, Resample.c, `ImagingResampleHorizontal_8bpc` and `ImagingResampleVertical_8bpc`.
 */
export function resample({ width, data }: Pixels, columns: Taps, rows: Taps): Rows {
  const [left, right] = extentOf(columns);
  const [top, bottom] = extentOf(rows);
  // One byte more than a row has: a pixel is read and written with the byte behind it.
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

/** The first input position that is read, and the one behind the last. */
const extentOf = ({ starts, counts }: Taps) => [starts[0]!, starts.at(-1)! + counts.at(-1)!] as const;

/** Bytes of a page of WebAssembly's memory. */
const page = 2 ** 16;
/** Bytes of the vectors that arrays are aligned to. */
const vector = 16;
/** Bytes of a number of taps. */
const word = 4;

/** Where arrays lie in a memory, one behind the other. */
class MemoryLayout {
  #end = 0;
  readonly #taps: { readonly array: Int32Array; readonly at: number }[] = [];

  /** The address of so many bytes. */
  next(bytes: number): number {
    const at = this.#end;
    this.#end += aligned(bytes);
    return at;
  }

  /** The addresses of starts, counts and weights, and the bytes from one row of weights to the next. */
  taps({ starts, counts, weights, stride }: Taps): readonly [number, number, number, number] {
    return [this.#next(starts), this.#next(counts), this.#next(weights), stride * word];
  }

  /** The bytes of the memory, grown to hold all, with the taps in their places. It is never made smaller. */
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

/** The memory that the passes work in: an ArrayBuffer that growing replaces. */
interface PassMemory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => unknown;
}

/** What assembly/resample.ts exports; its comments say what the numbers are. */
interface Passes {
  readonly memory: PassMemory;
  readonly alongRows: (...numbers: readonly number[]) => void;
  readonly alongColumns: (...numbers: readonly number[]) => void;
}

/** Node has it; TypeScript knows it only together with a browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const module = new WebAssembly.Module(Buffer.from(resampleWasm, 'base64'));

/** The two passes of the resize, one instance a process. */
export const passes = new WebAssembly.Instance(module).exports as Passes;
