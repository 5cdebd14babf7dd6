import type { NDArray } from '@farout/tensor';
import fc from 'fast-check';

/** float32 numbers with a shape, as a reference computes with them. */
export interface Plain {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** All indices of a shape, row-major. */
export const indices = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );

/** Where the elements are that differ in one axis alone, line by line. */
export function linesAlong(axis: number, shape: readonly number[]): number[][] {
  const lines = new Map<string, number[]>();
  indices(shape).forEach((index, place) => {
    const line = index.with(axis, 0).join();
    lines.set(line, [...(lines.get(line) ?? []), place]);
  });
  return [...lines.values()];
}

/** The element at an index; a shape that is shorter, or 1 where the index counts further, is stretched as numpy does. */
export function at({ data, shape }: Plain, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  return data[shape.reduce((offset, size, axis) => offset * size + (size === 1 ? 0 : own[axis]!), 0)]!;
}

/** An array whose elements are a function of their index. */
export const build = (shape: readonly number[], element: (index: number[]) => number): Plain => ({
  data: Float32Array.from(indices(shape), element),
  shape,
});

/** Numbers between −4 and 4 that depend on the seed alone. */
export function numbers(shape: readonly number[], seed: number): Plain {
  let state = seed;
  return build(shape, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 29 - 4;
  });
}

/** Shapes with few elements, of `from` to `to` axes. */
export const shapes = (from: number, to: number) =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: from, maxLength: to });

/** Two shapes that broadcast, and the shape of the result. */
export const broadcastShapes = shapes(0, 4).chain((shape) => {
  const stretched = fc
    .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([dropped, ones]) => shape.map((size, axis) => (ones[axis] ? 1 : size)).slice(dropped));
  return fc.tuple(stretched, stretched).map(([a, b]) => ({ a, b }));
});

/** The largest difference of two arrays, relative to the expected number where that is larger than 1; Infinity when shapes differ. */
export function difference({ data, shape }: NDArray, expected: Plain): number {
  if (shape.join() !== expected.shape.join() || data.length !== sizeOf(shape)) return Infinity;
  return expected.data.reduce((largest, wanted, i) => {
    const found = Number(data[i]);
    const error = Object.is(found, wanted) ? 0 : Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
    return error <= largest ? largest : error;
  }, 0);
}
