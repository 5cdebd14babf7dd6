import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { bools, ints } from '../parts/arrays.ts';
import { expectAdjoint } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';
import { broadcastShapes, numbers, shapes } from '../parts/plain.ts';
import { form, small, type Check } from '../parts/property.ts';

const far = 2 ** 31 - 1;

/** Ranges that are Python's, ends beyond the axis among them; none is empty. */
const ranges = fc
  .record({
    size: small(1, 6),
    start: fc.oneof(small(-8, 8), fc.constant(-far)),
    end: fc.oneof(small(-8, 8), fc.constant(far), fc.constant(-far)),
    step: fc.constantFrom(1, 2, 3, -1, -2, -3),
    axis: small(-3, 2),
  })
  .filter(({ size, start, end, step }) => {
    const place = (at: number) => (at < 0 ? at + size : at);
    const taken = Array.from({ length: size }, (_, i) => i).filter((i) =>
      step > 0 ? i >= place(start) && i < place(end) : i <= place(start) && i > place(end),
    );
    return taken.length > 0;
  });
type Range = typeof ranges extends fc.Arbitrary<infer T> ? T : never;

const shapeOf = ({ size, axis }: Range) => [2, 3, 2].map((each, i) => (i === (axis + 3) % 3 ? size : each));

const slices: Record<string, (check: Check) => Promise<void>> = {
  'by attributes, in operator set 9': form(
    ranges.filter(({ step }) => step === 1).map((each) => ({ ...each, axis: Math.abs(each.axis) % 3 })),
    (each, seed) => ({
      type: 'Slice',
      inputs: [numbers(shapeOf(each), seed)],
      attributes: { starts: [each.start], ends: [each.end], axes: [each.axis] },
      version: 9,
    }),
    25,
  ),
  'by inputs': form(
    ranges,
    (each, seed) => ({
      type: 'Slice',
      inputs: [
        numbers(shapeOf(each), seed),
        ints([each.start]),
        ints([each.end]),
        ints([each.axis]),
        ints([each.step]),
      ],
      version: 13,
    }),
    60,
  ),
  'of two axes at once': form(fc.constant(0), (_, seed) => ({
    type: 'Slice',
    inputs: [numbers([5, 2, 6], seed), ints([1, -1]), ints([5, -7]), ints([0, -1]), ints([2, -2])],
    version: 11,
  })),
  'of the first axes, where none are given': form(fc.constant(0), (_, seed) => ({
    type: 'Slice',
    inputs: [numbers([5, 4, 2], seed), ints([1, 0]), ints([3, -1])],
    version: 10,
  })),
};

const split = (
  sizes: readonly number[] | undefined,
  results: number,
  version: number,
  length = 6,
): ((check: Check) => Promise<void>) =>
  form(
    small(-2, 1),
    (axis, seed) => ({
      type: 'Split',
      inputs: [
        numbers(axis % 2 === 0 ? [length, 2] : [2, length], seed),
        ...(sizes && version >= 13 ? [ints(sizes)] : []),
      ],
      attributes: {
        axis: version < 11 ? Math.abs(axis) : axis,
        ...(sizes && version < 13 && { split: sizes }),
        ...(!sizes && version >= 18 && { num_outputs: results }),
      },
      version,
      results,
    }),
    4,
  );

const splits: Record<string, (check: Check) => Promise<void>> = {
  'into equal parts, in operator set 2': split(undefined, 3, 7),
  'into equal parts, in operator set 11': split(undefined, 2, 11),
  'by an attribute, in operator set 11': split([1, 3, 2], 3, 11),
  'into equal parts, in operator set 13': split(undefined, 3, 13),
  'by an input, in operator set 13': split([4, 2], 2, 13),
  'into equal parts, since operator set 18': split(undefined, 3, 18),
  'into parts of which the last is smaller, since operator set 18': split(undefined, 3, 18, 7),
  'by an input, since operator set 18': split([1, 5], 2, 18),
};

const gather = (indices: fc.Arbitrary<readonly number[]>, shape: (count: number) => readonly number[]) =>
  form(fc.tuple(small(-3, 2), indices), ([axis, at], seed) => ({
    type: 'Gather',
    inputs: [numbers([4, 4, 4], seed), ints(at, shape(at.length))],
    attributes: { axis },
    version: 13,
  }));

const places = (length: number) => fc.array(small(-4, 3), { minLength: length, maxLength: length });
const gathers: Record<string, (check: Check) => Promise<void>> = {
  'a single index': gather(places(1), () => []),
  'a list of one index': gather(places(1), () => [1]),
  'several indices, equal ones among them': gather(places(5), (count) => [count]),
  'a table of indices': gather(places(6), () => [2, 3]),
  'of whole numbers of 32 bits': form(places(3), (at, seed) => ({
    type: 'Gather',
    inputs: [numbers([4, 2], seed), { data: Int32Array.from(at), shape: [3] }],
  })),
};

const concat = (version: number) =>
  form(fc.record({ axis: small(-3, 2), by: small(0, 2) }), ({ axis, by }, seed) => ({
    type: 'Concat',
    inputs: [1, 3, 2].map((size, i) =>
      numbers(
        [2, 3, 2].map((each, at) => (at === (axis + 3) % 3 ? size : each)),
        seed + i,
      ),
    ),
    attributes: { axis: version < 11 ? (axis + 3) % 3 : axis },
    version,
    by,
  }));

const where = (by: number) =>
  form(fc.tuple(broadcastShapes, shapes(0, 0)), ([{ a, b }], seed): NodeCase => ({
    type: 'Where',
    inputs: [
      bools(b, seed),
      ...(by === 1 ? [numbers(a, seed), numbers(b, seed + 1)] : [numbers(b, seed + 1), numbers(a, seed)]),
    ],
    bools: [0],
    by,
  }));

const expand = form(broadcastShapes, ({ a, b }, seed) => ({
  type: 'Expand',
  inputs: [numbers(a, seed), ints(b)],
  version: 13,
}));

const tile = form(fc.tuple(small(1, 3), small(1, 2), small(1, 3)), (counts, seed) => ({
  type: 'Tile',
  inputs: [numbers([2, 1, 3], seed), ints(counts)],
  version: 13,
}));

const joins: Record<string, (check: Check) => Promise<void>> = {
  'Concat, in operator set 7': concat(7),
  'Concat along an axis counted from the end': concat(13),
  'Where by what is chosen where it holds': where(1),
  'Where by what is chosen elsewhere': where(2),
  Expand: expand,
  Tile: tile,
};

describe.each(Object.entries({ Slice: slices, Split: splits, Gather: gathers, 'what joins and repeats': joins }))(
  '%s',
  (_, forms) => {
    it.each(Object.entries(forms))('has the values of onnxruntime, and their adjoint: %s', async (_title, holds) =>
      holds(expectAdjoint),
    );
  },
);
