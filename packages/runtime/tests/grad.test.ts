import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { concat, constant, grad, histogram, input, outer, type Tensor } from '@farout/tensor';
import fc from 'fast-check';
import { distinct, gradientError } from './parts/finite-differences.ts';
import { indices, numbers, type Plain } from './parts/plain.ts';
import { forAll } from './parts/property.ts';

const edges = constant({ data: Float64Array.of(0, 1.00071, 1.50071, 3), shape: [4] });

/** Functions of x (A, B, C) in float64, where onnxruntime has the operator in float64. */
const functions: Record<string, (x: Tensor) => Tensor> = {
  'add, both operands': (x) => x.add(x.mul(2)),
  'add of a stretched operand': (x) => x.add(x.sum(0, { keepDims: true })),
  'add of an operand with fewer axes': (x) => x.add(x.sum([0, 1])),
  sub: (x) => x.exp().sub(x.sum(0)),
  mul: (x) => x.mul(x.exp()),
  'mul of a stretched operand': (x) => x.mul(x.max(-1, { keepDims: true })),
  div: (x) => x.sum(-1, { keepDims: true }).div(x),
  'minimum with a number': (x) => x.minimum(1.2513),
  'minimum of two tensors': (x) => x.mul(x).minimum(x.exp().sub(1.5)),
  neg: (x) => x.neg().mul(x),
  exp: (x) => x.exp(),
  log: (x) => x.log(),
  relu: (x) => x.sub(1.2501).relu(),
  'sum over one axis': (x) => x.mul(x).sum(1),
  'sum over two axes that stay': (x) => x.mul(x).sum([0, 2], { keepDims: true }),
  mean: (x) => x.mul(x).mean([1, 2]),
  max: (x) => x.mul(x).max(1),
  'max over two axes': (x) => x.max([0, 2]),
  transpose: (x) => x.mul(x).transpose(2, 0, 1),
  reshape: (x) => x.mul(x).flatten(),
  unsqueeze: (x) => x.mul(x).unsqueeze([1]),
  reverse: (x) => x.mul(x).reverse([0, 2]),
  'matmul by both operands': (x) => x.matmul(x.transpose(0, 2, 1)),
  'matmul of stretched batches': (x) => x.matmul(x.sum(0).transpose(1, 0)),
  'cast there and back': (x) => x.mul(x).cast('float64'),
  min: (x) => x.mul(x).min(1),
  'min over two axes': (x) => x.min([0, 2]),
  // Far from where all elements are equal: there it has a corner.
  'standard deviation': (x) => concat([x.mul(x), x.mul(0).add(1)], 1).std([1, 2]),
  'L1 norm': (x) => x.sub(1.2501).norm(-1, { p: 1 }),
  'L2 norm of two axes': (x) => x.norm([0, 2], { keepDims: true }),
  'third norm': (x) => x.sub(1.2501).norm(1, { p: 3 }),
  'cumulative sum': (x) => x.mul(x).cumSum(1),
  'topK by its values': (x) => x.mul(x).topK((x.shape[1] as number) - 1, 1).values,
  'no elements at all': (x) => x.topK(0).values.sum().add(x.mul(x).sum()),
  'sort by its values': (x) => x.mul(x).sort(0, { descending: true }).values,
  'quantile between elements': (x) => x.mul(x).quantile(0.37, 1),
  'higher quantile': (x) => x.quantile(0.37, -1, { interpolation: 'higher', keepDims: true }).mul(x),
  concat: (x) => concat([x, x.mul(x), x.exp()], 1),
  'gather by numbers, one of them twice': (x) => x.mul(x).gather([0, -1, 0], 2),
  'gather by computed indices of two axes': (x) => x.exp().gather(x.slice(2, 0, 1).argMax(0), 0),
  takeAlong: (x) => x.exp().takeAlong(x.topK(1, 1).indices, 1),
  'putAlong by both operands': (x) => x.exp().putAlong(x.topK(1).indices, x.mul(x).max(-1, { keepDims: true })),
  'scatterAdd by both operands': (x) => x.exp().scatterAdd(x.topK(1).indices, x.mul(x).max(-1, { keepDims: true })),
  'outer product': (x) => outer(x, x.exp().slice(2, 0, 1)),
  'products of batches of matrices': (x) => x.transpose(0, 2, 1).matmul(x.exp()),
  'a histogram, which does not change': (x) => histogram(x, edges).sum(-1, { keepDims: true }).mul(x),
  logSumExp: (x) => x.mul(3).logSumExp(),
  softmax: (x) => x.mul(3).softmax(),
  'log of the largest softmax': (x) => x.mul(3).softmax().max().log().neg(),
  'a mask, which does not change': (x) => x.mul(x.greater(1.0007).cast('float64')).mul(x.less(1.8003).cast('float64')),
  'where x is used along several ways': (x) => x.exp().add(x.log()).mul(x).sum().add(x.mean(0).max()),
};

const shape = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }));

const small = (min: number, max: number) => fc.integer({ min, max });

describe('grad', () => {
  it.each(Object.entries(functions))('agrees with finite differences in float64: %s', async (_, f) => {
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(), async (size, seed) => {
        expect(await gradientError(distinct(size, seed), f)).toBeLessThan(1e-7);
      }),
      { seed: 5, numRuns: 8 },
    );
  });

  it('agrees with finite differences in float64 through a linear layer, by features, weight and bias', async () => {
    const layers: ((x: Tensor) => Tensor)[] = [
      (x) => x.linear(constant(distinct([3, 4], 1)), constant(distinct([3], 2))),
      (x) => constant(distinct([5, 4], 1)).linear(x, constant(distinct([2], 2))),
      (x) => x.linear(constant(distinct([3, 4], 1)), x.sum(1).mul(x.max(1))),
    ];
    const shapes = [
      [2, 4],
      [2, 4],
      [3, 4],
    ];
    for (const [i, layer] of layers.entries()) {
      expect(await gradientError(distinct(shapes[i]!, 7), layer)).toBeLessThan(1e-7);
    }
  });

  it('gives all to the first of equal maxima, in the order of the elements, over any axes', async () => {
    const maxima = fc.record({
      shape: fc.tuple(small(1, 3), small(1, 4), small(1, 4)),
      axes: fc.subarray([0, 1, 2], { minLength: 1 }),
    });
    await forAll(maxima, async ({ shape, axes }, seed) => {
      const raw = numbers(shape, seed);
      const x = { ...raw, data: raw.data.map(Math.round) };
      const symbol = input('x', ['N', ...shape.slice(1)]);
      const largest = symbol.max(axes, { keepDims: true });
      const { g } = await evaluate({ g: grad(largest.flatten().sum(), symbol) }, { x });
      expect([...g!.data]).toEqual(firstMaxima(x, axes));
    });
  });

  it('gives all to the first of equals that are chosen, and to the first of equal minima', async () => {
    const x = input('x', ['N', 4]);
    const loss = (y: Tensor) => grad(y.mul(constant({ data: Float32Array.of(1, 2), shape: [2] })).sum([0, 1]), x);
    const outputs = { chosen: loss(x.topK(2).values), least: grad(x.min().sum(), x) };
    const feeds = { x: { data: Float32Array.of(5, 7, 7, 7, 1, 3, 1, 3), shape: [2, 4] } };
    const { chosen, least } = await evaluate(outputs, feeds);
    expect([...chosen!.data]).toEqual([0, 1, 2, 0, 0, 1, 0, 2]);
    expect([...least!.data]).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
  });

  it('is zero, not NaN, for the norm of zeros and the deviation of equals', async () => {
    const x = input('x', ['N', 3]);
    const outputs = {
      length: grad(x.norm().sum(), x),
      third: grad(x.norm(-1, { p: 3 }).sum(), x),
      deviation: grad(x.std().sum(), x),
    };
    const found = await evaluate(outputs, { x: { data: new Float32Array(3), shape: [1, 3] } });
    for (const { data } of Object.values(found)) expect([...data].map(Math.abs as never)).toEqual([0, 0, 0]);
  });

  it('stops at what is detached, and is zero where nothing else leads on', async () => {
    const x = input('x', [3]);
    const feeds = { x: { data: Float32Array.of(1, -2, 3), shape: [3] } };
    const outputs = { through: grad(x.mul(x.detach()).sum(), x), none: grad(x.exp().detach().sum(), x) };
    const { through, none } = await evaluate(outputs, feeds);
    expect([...through!.data]).toEqual([1, -2, 3]);
    expect([...none!.data]).toEqual([0, 0, 0]);
  });

  it('is zero beside infinite elements that it does not depend on', async () => {
    const x = input('x', ['N', 3]);
    const outputs = {
      gathered: grad(x.gather([0], 1).sum([0, 1]), x),
      chosen: grad(x.takeAlong(x.slice(1, 0, 1).argMax(1).unsqueeze([1])).sum([0, 1]), x),
      none: grad(x.greater(0).cast('float32').sum([0, 1]), x),
    };
    const found = await evaluate(outputs, { x: { data: Float32Array.of(1, Infinity, NaN), shape: [1, 3] } });
    expect(Object.values(found).map(({ data }) => [...data])).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('passes over elements of −∞ beside a maximum', async () => {
    const x = input('x', [3]);
    const feeds = { x: { data: Float32Array.of(-Infinity, 2, -Infinity), shape: [3] } };
    const found = await evaluate({ max: grad(x.max(), x), logSumExp: grad(x.logSumExp(), x) }, feeds);
    expect([...found.max!.data]).toEqual([0, 1, 0]);
    expect([...found.logSumExp!.data]).toEqual([0, 1, 0]);
  });

  it('is zero where relu and clip are flat and at their corners, and one between', async () => {
    const x = input('x', [5]);
    const feeds = { x: { data: Float32Array.of(-1, 0, 3, 6, 7), shape: [5] } };
    const gradients = await evaluate({ relu: grad(x.relu().sum(), x), clip: grad(x.clip(0, 6).sum(), x) }, feeds);
    expect([...gradients.relu!.data]).toEqual([0, 0, 1, 1, 1]);
    expect([...gradients.clip!.data]).toEqual([0, 0, 1, 0, 0]);
  });

  it('tells a corner of relu and clip from the numbers next to it', async () => {
    const [tiny, below6, belowMinus1, aboveMinus1] = [2 ** -126, 6 - 2 ** -21, -1 - 2 ** -23, -1 + 2 ** -24];
    const values = [-tiny, 0, tiny, below6, 6, belowMinus1, -1, aboveMinus1, 3e38, Infinity];
    const x = input('x', [values.length]);
    const functions = {
      relu: x.relu(),
      relu6: x.clip(0, 6),
      fromMinus1: x.clip(-1, Infinity),
      to6: x.clip(-Infinity, 6),
    };
    const outputs = Object.fromEntries(Object.entries(functions).map(([name, y]) => [name, grad(y.sum(), x)]));
    const found = await evaluate(outputs, { x: { data: Float32Array.from(values), shape: [values.length] } });
    expect([...found.relu!.data]).toEqual([0, 0, 1, 1, 1, 0, 0, 0, 1, 1]);
    expect([...found.relu6!.data]).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect([...found.fromMinus1!.data]).toEqual([1, 1, 1, 1, 1, 0, 0, 1, 1, 1]);
    expect([...found.to6!.data]).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 0, 0]);
  });

  it.each([
    [0, 6],
    [0, 4],
    [-1, 1],
    [-0.75, 0.3],
    [-8, -1.5],
    [-3, 0],
  ])('tells the corners of a map clipped to %d and %d from the numbers next to them', async (low, high) => {
    const [from, to] = [Math.fround(low), Math.fround(high)];
    const next = (value: number, direction: number) =>
      value === 0 ? direction * 2 ** -120 : Math.fround(value * (1 + direction * Math.sign(value) * 1.25 * 2 ** -24));
    const values = [
      from - 1,
      next(from, -1),
      from,
      next(from, 1),
      (from + to) / 2,
      next(to, -1),
      to,
      next(to, 1),
      to + 1,
    ];
    const x = input('x', ['N', 1, 3, 3]);
    const found = await evaluate(
      { clip: grad(x.clip(low, high).flatten().sum(), x) },
      { x: { data: Float32Array.from(values), shape: [1, 1, 3, 3] } },
    );
    expect([...found.clip!.data]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0]);
  });
});

/** 1 at the first of the largest among elements that differ in `axes` alone, 0 elsewhere. */
function firstMaxima({ data, shape }: Plain, axes: readonly number[]): number[] {
  const first = new Map<string, number>();
  const places = indices(shape);
  places.forEach((place, i) => {
    const group = place.map((index, axis) => (axes.includes(axis) ? 0 : index)).join();
    const best = first.get(group);
    if (best === undefined || data[i]! > data[best]!) first.set(group, i);
  });
  const winners = new Set(first.values());
  return places.map((_, i) => Number(winners.has(i)));
}
