import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { constant, histogram, input, type NDArray, type Tensor } from '@farout/tensor';
import fc from 'fast-check';
import { floats } from './parts/arrays.ts';
import { linesAlong, numbers, shapes } from './parts/plain.ts';
import { forAll } from './parts/property.ts';

const shapeAndAxis = shapes(1, 4).chain((shape) => fc.nat(shape.length - 1).map((axis) => ({ shape, axis })));

/** Few different numbers, so that many are equal. */
const withTies = (shape: readonly number[], seed: number, dtype: 'float32' | 'float64') => {
  const rounded = numbers(shape, seed).data.map(Math.round);
  return { data: dtype === 'float32' ? rounded : Float64Array.from(rounded), shape };
};

/** Line by line along the axis: places in the order of their values, equals in their own. */
function ordered({ data, shape }: NDArray, axis: number, k: number, largest: boolean): number[][] {
  return linesAlong(axis, shape).map((line) => {
    const value = (i: number) => Number(data[line[i]!]);
    const places = line.map((_, i) => i).sort((a, b) => (largest ? value(b) - value(a) : value(a) - value(b)) || a - b);
    return places.slice(0, k);
  });
}

const alongLines = ({ data, shape }: NDArray, axis: number) =>
  linesAlong(axis, shape).map((line) => line.map((place) => Number(data[place])));

const rowsOf = ({ data, shape }: NDArray) =>
  Array.from({ length: shape[0]! }, (_, row) => {
    const width = data.length / shape[0]!;
    return [...data.slice(row * width, (row + 1) * width)].map(Number);
  });

describe.each(['float32', 'float64'] as const)('topK and sort of %s', (dtype) => {
  it('give values and places along any axis, of equals the first one first, as a stable sort does', async () => {
    await forAll(shapeAndAxis, async ({ shape, axis }, seed) => {
      const [x, size] = [withTies(shape, seed, dtype), shape[axis]!];
      const k = 1 + (seed % size);
      const [open, known] = [input('open', ['N', ...shape.slice(1)], dtype), input('known', shape, dtype)];
      const ways = [
        { found: open.topK(k, axis), wanted: ordered(x, axis, k, true) },
        { found: known.sort(axis - shape.length), wanted: ordered(x, axis, size, false) },
        { found: known.sort(axis, { descending: true }), wanted: ordered(x, axis, size, true) },
      ];
      for (const { found, wanted } of ways) {
        const { values, indices } = await evaluate({ ...found }, { open: x, known: x });
        const lines = alongLines(x, axis);
        expect(alongLines(indices!, axis)).toEqual(wanted);
        expect(alongLines(values!, axis)).toEqual(lines.map((line, i) => wanted[i]!.map((place) => line[place])));
      }
    });
  });

  it('take NaN for +∞ and both zeros for equals', async () => {
    const data = [1, NaN, -Infinity, Infinity, 0, -0, NaN, 3];
    const x = { data: dtype === 'float32' ? Float32Array.from(data) : Float64Array.from(data), shape: [1, 8] };
    const tensor = input('x', ['N', 8], dtype);
    const outputs = { up: tensor.sort().indices, down: tensor.topK(8).indices, values: tensor.topK(4).values };
    const { up, down, values } = await evaluate(outputs, { x });
    expect([...up!.data].map(Number)).toEqual([2, 4, 5, 0, 7, 1, 3, 6]);
    expect([...down!.data].map(Number)).toEqual([1, 3, 6, 7, 0, 4, 5, 2]);
    expect([...values!.data]).toEqual([NaN, Infinity, NaN, 3]);
  });
});

describe('topK', () => {
  it('finds the same without an order', async () => {
    await forAll(shapeAndAxis, async ({ shape, axis }, seed) => {
      const x = withTies(shape, seed, 'float32');
      const k = 1 + (seed % shape[axis]!);
      const { values } = await evaluate({ ...input('x', shape).topK(k, axis, { sorted: false }) }, { x });
      // 0 and −0 are equals.
      const descending = (line: readonly number[]) => line.map((value) => value + 0).sort((a, b) => b - a);
      const wanted = alongLines(x, axis).map((line) => descending(line).slice(0, k));
      expect(alongLines(values!, axis).map(descending)).toEqual(wanted);
    });
  });

  it('of no rows is no rows', async () => {
    const [x, y] = [input('x', ['N', 4]), input('y', ['N', 2, 'M'])];
    const feeds = {
      x: { data: new Float32Array(0), shape: [0, 4] },
      y: { data: new Float32Array(0), shape: [3, 2, 0] },
    };
    const outputs = { few: x.topK(2).values, median: x.quantile(0.5), middle: y.topK(1, 1).indices };
    const found = await evaluate(outputs, feeds);
    expect(Object.values(found).map(({ shape }) => shape)).toEqual([[0, 2], [0], [3, 1, 0]]);
  });

  it('of whole numbers is of their dtype', async () => {
    const x = { data: BigInt64Array.of(5n, 9n, 9n), shape: [1, 3] };
    const { values, indices } = await evaluate({ ...input('x', ['N', 3], 'int64').topK(2) }, { x });
    expect([values!.data, indices!.data]).toEqual([BigInt64Array.of(9n, 9n), BigInt64Array.of(1n, 2n)]);
  });
});

/** By NumPy 1.24's quantile, linear, and PyTorch 1.13's in float32; both agree on lower and higher. */
const row = [3, 1, 2, 2, 7, -4, 2, 0.5];
const quantiles = [
  { q: 0, linear: -4, single: -4, lower: -4, higher: -4 },
  { q: 0.05, linear: -2.425, single: -2.424999952316284, lower: -4, higher: 0.5 },
  { q: 0.29, linear: 1.0299999999999998, single: 1.0299999713897705, lower: 1, higher: 2 },
  { q: 0.5, linear: 2, single: 2, lower: 2, higher: 2 },
  { q: 0.75, linear: 2.25, single: 2.25, lower: 2, higher: 3 },
  { q: 0.9, linear: 4.199999999999999, single: 4.19999885559082, lower: 3, higher: 7 },
  { q: 0.95, linear: 5.599999999999998, single: 5.600000381469727, lower: 3, higher: 7 },
  { q: 1, linear: 7, single: 7, lower: 7, higher: 7 },
];

describe('quantile', () => {
  const all = (x: Tensor, q: number) => ({
    linear: x.quantile(q),
    lower: x.quantile(q, -1, { interpolation: 'lower' }),
    higher: x.quantile(q, -1, { interpolation: 'higher', keepDims: true }),
  });

  it.each(quantiles)('of $q is what NumPy and PyTorch give', async ({ q, linear, single, lower, higher }) => {
    const twice = [...row, ...row.toReversed()];
    const found64 = await evaluate(all(input('x', ['N', 8], 'float64'), q), {
      x: { data: Float64Array.from(twice), shape: [2, 8] },
    });
    const found32 = await evaluate(all(input('x', ['N', 8]), q), { x: floats(twice, [2, 8]) });
    expect([...found64.linear!.data]).toEqual([linear, linear]);
    // PyTorch also rounds the place to float32; here that is done to its fraction alone.
    for (const value of found32.linear!.data) expect(Math.abs(Number(value) - single)).toBeLessThan(3e-6);
    for (const found of [found32, found64]) {
      expect([[...found.lower!.data], found.lower!.shape]).toEqual([[lower, lower], [2]]);
      expect([[...found.higher!.data], found.higher!.shape]).toEqual([
        [higher, higher],
        [2, 1],
      ]);
    }
  });

  it('is reckoned from the nearer end, as NumPy and PyTorch do', async () => {
    const x = { data: Float64Array.of(2, -2.3, 3, 0.9), shape: [1, 4] };
    const { found } = await evaluate({ found: input('x', ['N', 4], 'float64').quantile(0.2) }, { x });
    expect(found!.data[0]).toBe(-0.37999999999999956);
  });

  it('of one element is that element, along any axis', async () => {
    const x = floats([5, -Infinity], [1, 2, 1]);
    const tensor = input('x', [1, 2, 'M']);
    const { low, high } = await evaluate({ low: tensor.quantile(0.3, 0), high: tensor.quantile(1, 1) }, { x });
    expect([low!.shape, [...low!.data], high!.shape, [...high!.data]]).toEqual([[2, 1], [5, -Infinity], [1, 1], [5]]);
  });

  it('is NaN where an element is, and an infinite element where it is that element', async () => {
    const x = floats([1, NaN, 3, 2, 1, 2, 3, Infinity, -Infinity, 0, 1, 2], [3, 4]);
    const tensor = input('x', ['N', 4]);
    const outputs = { low: tensor.quantile(0), third: tensor.quantile(1 / 3), most: tensor.quantile(1) };
    const { low, third, most } = await evaluate(outputs, { x });
    expect([...low!.data]).toEqual([NaN, 1, -Infinity]);
    expect([...third!.data]).toEqual([NaN, 2, 0]);
    expect([...most!.data]).toEqual([NaN, Infinity, 2]);
  });
});

describe('histogram', () => {
  const counts = (values: readonly number[], edges: readonly number[]) =>
    edges.slice(1).map((upper, bin) => {
      const isLast = bin === edges.length - 2;
      return values.filter((value) => value >= edges[bin]! && (isLast ? value <= upper : value < upper)).length;
    });

  it('counts in each row what lies between two edges, the last of which belongs to its bin', async () => {
    await forAll(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 5 })), async ([m, e], seed) => {
      const x = withTies([2, 3, m], seed, 'float64');
      const edges = [...withTies([e], seed + 1, 'float64').data].map(Number).sort((a, b) => a - b);
      const tensor = input('x', ['N', 3, m], 'float64');
      const bins = histogram(tensor, constant({ data: Float64Array.from(edges), shape: [e] }));
      const { found } = await evaluate({ found: bins }, { x });
      expect(bins.shape).toEqual(['N', 3, e - 1]);
      expect(alongLines(found!, 2)).toEqual(alongLines(x, 2).map((line) => counts(line, edges)));
    });
  });

  it('counts as NumPy does, and what is outside or NaN not at all', async () => {
    // numpy.histogram of the first row without its NaN
    const x = floats([0, 1, 2, 2.5, 3, -1, 7, NaN, 2, 1, ...Array<number>(8).fill(NaN), -Infinity, Infinity], [2, 10]);
    const count = (edges: readonly number[]) => histogram(input('x', ['N', 10]), constant(floats(edges)));
    const outputs = { even: count([0, 1, 2, 3]), equal: count([0, 1, 1, 2.5]), open: count([-Infinity, 0, Infinity]) };
    const { even, equal, open } = await evaluate(outputs, { x });
    expect(rowsOf(even!)).toEqual([
      [1, 2, 4],
      [0, 0, 0],
    ]);
    expect(rowsOf(equal!)[0]).toEqual([1, 0, 5]);
    expect(rowsOf(open!)).toEqual([
      [1, 8],
      [1, 1],
    ]);
  });

  it('of no elements is 0 in every bin', async () => {
    const none = { x: { data: new Float32Array(0), shape: [2, 0] } };
    const { found } = await evaluate({ found: histogram(input('x', ['N', 0]), constant(floats([0, 1, 2]))) }, none);
    expect(rowsOf(found!)).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});
