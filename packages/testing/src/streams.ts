import type { RowBatch, Rows, RowStream } from '@farout/core';
import { sliceRows } from './sample.ts';

/** Everything that a step reads from a set, by name: rows and labels. */
export type NamedRows = Readonly<Record<string, Rows | Int32Array>>;

/** How a set is passed to a part that learns from it. */
export type Cut = (rows: NamedRows, count: number) => RowStream;

/** Batches of the given size, the last one shorter, created anew for every pass, with only what is asked for. */
export const inBatches =
  (size: number): Cut =>
  (rows, count) => ({
    count,
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < count; start += size) yield await Promise.resolve(batchOf(rows, start, start + size));
    },
  });

/** The same, but calls `spent` with each batch when the next one is requested. */
export const watchedBatches =
  (size: number, spent: (batch: RowBatch, original: RowBatch) => void): Cut =>
  (rows, count) => ({
    count,
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < count; start += size) {
        const batch = batchOf(rows, start, start + size);
        yield await Promise.resolve(batch);
        spent(batch, batchOf(rows, start, start + size));
      }
    },
  });

/** The same images repeated: `copies` per batch, in `batches` batches; calls `atEnd` at the end of each pass. */
export const repeated =
  (copies: number, batches: number, atEnd: () => void | Promise<void>): Cut =>
  (rows, count) => {
    const tiled = tile(rows, copies);
    return {
      count: batches * copies * count,
      async *[Symbol.asyncIterator]() {
        for (let i = 0; i < batches; i++) yield await Promise.resolve(batchOf(tiled, 0, copies * count));
        await atEnd();
      },
    };
  };

const tile = (rows: NamedRows, copies: number): NamedRows =>
  Object.fromEntries(Object.entries(rows).map(([name, each]) => [name, tiled(each, copies)]));

function tiled(each: Rows | Int32Array, copies: number): Rows | Int32Array {
  if (each instanceof Int32Array) return filled(new Int32Array(copies * each.length), each);
  const { data, shape } = each;
  return { data: filled(new Float32Array(copies * data.length), data), shape: [copies * shape[0], shape[1]] };
}

function filled<A extends Int32Array | Float32Array>(all: A, part: A): A {
  for (let start = 0; start < all.length; start += part.length) all.set(part, start);
  return all;
}

/** Images start..end of named rows, copied. */
const batchOf = (rows: NamedRows, start: number, end: number): RowBatch =>
  Object.fromEntries(
    Object.entries(rows).map(([name, each]) => [
      name,
      each instanceof Int32Array ? each.slice(start, end) : sliceRows(each, start, end),
    ]),
  ) as RowBatch;

/** Overwrites all numbers of a batch, as a host may once it has been read. */
export function writeOver(batch: RowBatch): void {
  for (const each of Object.values<Rows | Int32Array>(batch)) {
    if (each instanceof Int32Array) each.fill(0);
    else each.data.fill(NaN);
  }
}
