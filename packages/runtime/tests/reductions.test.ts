import { describe, expect, it } from '@jest/globals';
import { input, type Tensor } from '@farout/tensor';
import { evaluate } from '@farout/runtime';
import fc from 'fast-check';
import { at, build, difference, indices, numbers, shapes, type Plain } from './parts/plain.ts';
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
        keptSum: tensor.sum(axes, keepDims),
        keptMean: tensor.mean(axes, keepDims),
        keptMax: tensor.max(axes, keepDims),
      };
      const results = await evaluate(outputs, { x });
      for (const [name, reduction] of Object.entries({ Sum: sum, Mean: mean, Max: max })) {
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
      argMax: (x) => x.argMax(),
      logSumExp: (x) => x.logSumExp(),
    };
    const outputs = Object.fromEntries(
      Object.entries(defaults).map(([name, apply]) => [name, apply(input('x', [2, 3]))]),
    );
    const results = await evaluate(outputs, { x });
    for (const [name, reduction] of Object.entries({ sum, mean, max, argMax, logSumExp })) {
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
