import { describe, expect, it } from '@jest/globals';
import { input, type Tensor } from '@farout/tensor';
import { evaluate } from '@farout/runtime';
import fc from 'fast-check';
import { at, build, difference, indices, linesAlong, numbers, shapes, type Plain } from './parts/plain.ts';
import { forAll } from './parts/property.ts';

/** A shape and some of its axes, at least one, some counted from the end. */
const shapeAndAxes = shapes(1, 4).chain((shape) =>
  fc
    .subarray(
      shape.map((_, axis) => axis),
      { minLength: 1 },
    )
    .chain((axes) => fc.tuple(...axes.map((axis) => fc.constantFrom(axis, axis - shape.length))))
    .map((axes) => ({ shape, axes })),
);
const shapeAndAxis = shapes(1, 4).chain((shape) => fc.nat(shape.length - 1).map((axis) => ({ shape, axis })));

/** For each element of the result, what is reduced to it; reduced axes stay with size 1. */
function reduce(x: Plain, axes: readonly number[], reduction: (values: number[]) => number): Plain {
  const reduced = x.shape.map((_, axis) => axes.includes(axis) || axes.includes(axis - x.shape.length));
  const kept = x.shape.map((size, axis) => (reduced[axis] ? 1 : size));
  const window = indices(x.shape.map((size, axis) => (reduced[axis] ? size : 1)));
  return build(kept, (index) =>
    reduction(
      window.map((offset) =>
        at(
          x,
          index.map((i, axis) => i + offset[axis]!),
        ),
      ),
    ),
  );
}

const squeeze = ({ data, shape }: Plain, axes: readonly number[]): Plain => ({
  data,
  shape: shape.filter((_, axis) => !axes.includes(axis) && !axes.includes(axis - shape.length)),
});

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]) => sum(values) / values.length;
const max = (values: number[]) => Math.max(...values);
const min = (values: number[]) => Math.min(...values);
const std = (values: number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const norm = (p: number) => (values: number[]) => sum(values.map((value) => Math.abs(value) ** p)) ** (1 / p);
const logSumExp = (values: number[]) => Math.log(sum(values.map(Math.exp)));
const argMax = (values: number[]) => values.indexOf(Math.max(...values));

describe('reductions', () => {
  it('reduce any axes, and keep them with size 1 when they are told to', async () => {
    await forAll(shapeAndAxes, async ({ shape, axes }, seed) => {
      const x = numbers(shape, seed);
      const tensor = input('x', shape);
      const keepDims = { keepDims: true };
      const outputs = {
        sum: tensor.sum(axes),
        mean: tensor.mean(axes),
        max: tensor.max(axes),
        min: tensor.min(axes),
        std: tensor.std(axes),
        norm: tensor.norm(axes),
        keptSum: tensor.sum(axes, keepDims),
        keptMean: tensor.mean(axes, keepDims),
        keptMax: tensor.max(axes, keepDims),
        keptMin: tensor.min(axes, keepDims),
        keptStd: tensor.std(axes, keepDims),
        keptNorm: tensor.norm(axes, keepDims),
      };
      const results = await evaluate(outputs, { x });
      for (const [name, reduction] of Object.entries({
        Sum: sum,
        Mean: mean,
        Max: max,
        Min: min,
        Std: std,
        Norm: norm(2),
      })) {
        const expected = reduce(x, axes, reduction);
        const [kept, squeezed] = [`kept${name}`, name.toLowerCase()] as (keyof typeof outputs)[];
        expect(difference(results[kept!]!, expected)).toBeLessThan(1e-5);
        expect(difference(results[squeezed!]!, squeeze(expected, axes))).toBeLessThan(1e-5);
        expect([outputs[kept!].shape, outputs[squeezed!].shape]).toEqual([
          expected.shape,
          squeeze(expected, axes).shape,
        ]);
      }
    });
  });

  it('reduce the last axis when none is named', async () => {
    const x = numbers([2, 3], 1);
    const defaults: Record<string, (x: Tensor) => Tensor> = {
      sum: (x) => x.sum(),
      mean: (x) => x.mean(),
      max: (x) => x.max(),
      min: (x) => x.min(),
      std: (x) => x.std(),
      norm: (x) => x.norm(),
      argMax: (x) => x.argMax(),
      logSumExp: (x) => x.logSumExp(),
    };
    const outputs = Object.fromEntries(
      Object.entries(defaults).map(([name, apply]) => [name, apply(input('x', [2, 3]))]),
    );
    const results = await evaluate(outputs, { x });
    for (const [name, reduction] of Object.entries({ sum, mean, max, min, std, norm: norm(2), argMax, logSumExp })) {
      expect(difference(results[name]!, squeeze(reduce(x, [-1], reduction), [-1]))).toBeLessThan(1e-6);
    }
  });

  it('argMax is the index of the maximum, logSumExp and softmax are their formulas, along any axis', async () => {
    await forAll(shapeAndAxis, async ({ shape, axis }, seed) => {
      const x = numbers(shape, seed);
      const tensor = input('x', shape);
      const results = await evaluate(
        { argMax: tensor.argMax(axis), logSumExp: tensor.logSumExp(axis), softmax: tensor.softmax(axis) },
        { x },
      );
      const total = reduce(x, [axis], (values) => sum(values.map(Math.exp)));
      const softmax = build(shape, (index) => Math.exp(at(x, index)) / at(total, index));
      expect(difference(results.argMax!, squeeze(reduce(x, [axis], argMax), [axis]))).toBe(0);
      expect(difference(results.logSumExp!, squeeze(reduce(x, [axis], logSumExp), [axis]))).toBeLessThan(1e-6);
      expect(difference(results.softmax!, softmax)).toBeLessThan(1e-6);
    });
  });

  it('norm takes any exponent from 1 on', async () => {
    const x = numbers([3, 4], 1);
    for (const p of [1, 1.5, 2, 3, 10]) {
      const { found } = await evaluate({ found: input('x', ['N', 4]).norm(-1, { p }) }, { x });
      expect([p, difference(found!, squeeze(reduce(x, [-1], norm(p)), [-1])) < 1e-5]).toEqual([p, true]);
    }
  });

  it('hold in float64 to its precision', async () => {
    const x = { data: Float64Array.of(1e8 + 0.25, 1e8, 1e8 - 0.25, 1e8), shape: [1, 4] };
    const tensor = input('x', ['N', 4], 'float64');
    const outputs = { std: tensor.std(), min: tensor.min(), norm: tensor.norm(), cube: tensor.norm(-1, { p: 3 }) };
    const { std: deviation, min: least, norm: length, cube } = await evaluate(outputs, { x });
    expect(deviation!.data[0]).toBeCloseTo(Math.sqrt(0.125 / 4), 12);
    expect(least!.data[0]).toBe(1e8 - 0.25);
    expect(Number(length!.data[0]) / 2e8).toBeCloseTo(1, 14);
    expect(Number(cube!.data[0]) / (4 ** (1 / 3) * 1e8)).toBeCloseTo(1, 14);
  });

  it('of infinite elements and of one element are what they are in NumPy', async () => {
    const x = { data: Float32Array.of(1, Infinity, -Infinity, 2), shape: [2, 2] };
    const [rows, columns] = [input('x', ['N', 2]), input('y', ['N', 1])];
    const outputs = {
      ...{ min: rows.min(), max: rows.max(), std: rows.std(), norm: rows.norm(), sums: rows.cumSum() },
      ...{ lone: columns.std(), length: columns.norm(-1, { p: 3 }), only: columns.cumSum() },
    };
    const found = await evaluate(outputs, { x, y: { data: Float32Array.of(-3, 0), shape: [2, 1] } });
    const values = Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, [...data].map(Number)]));
    expect(values).toEqual({
      ...{ min: [1, -Infinity], max: [Infinity, 2], std: [NaN, NaN], norm: [Infinity, Infinity] },
      ...{ sums: [1, Infinity, -Infinity, -Infinity], lone: [0, 0], length: [3, 0], only: [-3, 0] },
    });
  });

  it('of no elements are 0 where they are sums, over any axis', async () => {
    const none = { last: input('x', ['N', 0]), middle: input('y', [2, 0, 3]) };
    const outputs = {
      ...{ last: none.last.sum(), middle: none.middle.sum(1), kept: none.middle.sum([1], { keepDims: true }) },
      ...{ norm: none.last.norm(), both: none.middle.sum([1, 2]), sums: none.last.cumSum() },
    };
    const [x, y] = [
      { data: new Float32Array(0), shape: [2, 0] },
      { data: new Float32Array(0), shape: [2, 0, 3] },
    ];
    const found = await evaluate(outputs, { x, y });
    expect(Object.values(found).map(({ data, shape }) => [shape, [...data]])).toEqual([
      [[2], [0, 0]],
      [
        [2, 3],
        [0, 0, 0, 0, 0, 0],
      ],
      [
        [2, 1, 3],
        [0, 0, 0, 0, 0, 0],
      ],
      [[2], [0, 0]],
      [[2], [0, 0]],
      [[2, 0], []],
    ]);
  });

  it('cumSum adds up to and with each element, along any axis', async () => {
    await forAll(shapeAndAxis, async ({ shape, axis }, seed) => {
      const x = numbers(shape, seed);
      const expected = { shape, data: new Float32Array(x.data.length) };
      for (const line of linesAlong(axis, shape)) {
        let total = 0;
        for (const place of line) expected.data[place] = total += x.data[place]!;
      }
      const { found } = await evaluate({ found: input('x', shape).cumSum(axis - shape.length) }, { x });
      expect(difference(found!, expected)).toBeLessThan(1e-5);
    });
  });

  it('argMax takes the first of equals', async () => {
    const x = { data: Float32Array.of(1, 3, 3, 2), shape: [4] };
    const { first } = await evaluate({ first: input('x', [4]).argMax() }, { x });
    expect(first!.data).toEqual(BigInt64Array.of(1n));
  });

  it('logSumExp and softmax neither overflow nor underflow', async () => {
    const x = { data: Float32Array.of(1e4, 1e4, -1e4, -1e4), shape: [2, 2] };
    const tensor = input('x', [2, 2]);
    const { logSumExp: lse, softmax } = await evaluate(
      { logSumExp: tensor.logSumExp(), softmax: tensor.softmax() },
      { x },
    );
    expect(Array.from(lse!.data, Number)).toEqual([1e4, -1e4].map((m) => Math.fround(m + Math.fround(Math.log(2)))));
    expect(Array.from(softmax!.data, Number)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});
