import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { onnxOperator } from '@farout/onnx';
import { grad, input } from '@farout/tensor';
import fc from 'fast-check';
import { between, floats, ints } from '../parts/arrays.ts';
import { expectDerivative, expectValues } from '../parts/like-onnxruntime.ts';
import { shapes } from '../parts/plain.ts';
import { form, small } from '../parts/property.ts';

/** Those of float64, and those that onnxruntime has in float32 alone. */
const reductions: Record<string, typeof Float64Array | typeof Float32Array> = {
  ReduceSum: Float64Array,
  ReduceMean: Float64Array,
  ReduceMax: Float64Array,
  ReduceMin: Float64Array,
  ReduceL1: Float32Array,
  ReduceL2: Float32Array,
  ReduceSumSquare: Float64Array,
  ReduceLogSum: Float32Array,
  ReduceLogSumExp: Float64Array,
};

/** Since when the axes are an input. */
const sinceInput = (type: string) => (type === 'ReduceSum' ? 13 : 18);

const examples = shapes(1, 4).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.subarray([...shape.keys()], { minLength: 1 }),
    fromEnd: fc.boolean(),
    keepdims: small(0, 1),
  }),
);

describe.each(Object.entries(reductions))('%s', (type, dtype) => {
  const x = (shape: readonly number[], seed: number) =>
    between(type === 'ReduceLogSum' ? 0.4 : -3, 3, shape, seed, { dtype, corners: [0] });

  it('has the values and slopes of onnxruntime over axes that are an attribute', async () => {
    await form(examples, ({ shape, axes, keepdims, fromEnd }, seed) => ({
      type,
      inputs: [x(shape, seed)],
      attributes: { keepdims, axes: fromEnd ? axes.map((axis) => axis - shape.length) : axes },
      version: sinceInput(type) - 1 < 13 ? 11 : 13,
    }))(expectDerivative);
  });

  it('has the values and slopes of onnxruntime over axes that are an input', async () => {
    await form(examples, ({ shape, axes, keepdims, fromEnd }, seed) => ({
      type,
      inputs: [x(shape, seed), ints(fromEnd ? axes.map((axis) => axis - shape.length) : axes)],
      attributes: { keepdims },
      version: sinceInput(type),
    }))(expectDerivative);
  });

  it('has the values and slopes of onnxruntime over all axes, where none are given', async () => {
    await form(
      examples,
      ({ shape, keepdims }, seed) => ({ type, inputs: [x(shape, seed)], attributes: { keepdims }, version: 18 }),
      4,
    )(expectDerivative);
    await form(
      examples,
      ({ shape }, seed) => ({ type, inputs: [x(shape, seed), ints([])], version: 18 }),
      4,
    )(expectDerivative);
  });

  it('has the values and slopes of onnxruntime over no axes, where that is what none mean', async () => {
    await form(
      examples,
      ({ shape }, seed) => ({ type, inputs: [x(shape, seed)], attributes: { noop_with_empty_axes: 1 }, version: 18 }),
      4,
    )(expectDerivative);
  });

  it('has the values and slopes of onnxruntime of a scalar', async () => {
    await form(
      fc.constant([]),
      (shape, seed) => ({ type, inputs: [x(shape, seed)], version: 18 }),
      2,
    )(expectDerivative);
  });
});

describe('ReduceL2', () => {
  it('has the derivative 0 of PyTorch where all are 0', async () => {
    const x = input('x', [2, 2]);
    const [norms] = onnxOperator('ReduceL2', [x], { axes: [1], keepdims: 0 }, { version: 13 });
    const { gradient } = await evaluate({ gradient: grad(norms!.sum(), x) }, { x: floats([0, 0, 3, 4], [2, 2]) });
    expect([...gradient!.data]).toEqual([0, 0, Math.fround(0.6), Math.fround(0.8)]);
  });
});

describe('ArgMax', () => {
  it('has the values of onnxruntime, along any axis', async () => {
    const places = shapes(1, 3).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axis: small(-shape.length, shape.length - 1),
        keepdims: small(0, 1),
        version: fc.constantFrom(11, 12, 13),
      }),
    );
    await form(places, ({ shape, axis, keepdims, version }, seed) => ({
      type: 'ArgMax',
      inputs: [between(-2, 2, shape, seed, { dtype: Float32Array })],
      attributes: { axis, keepdims },
      version,
    }))(expectValues);
  });

  it('has the values of onnxruntime along its default axis', async () => {
    await form(
      shapes(1, 3),
      (shape, seed) => ({ type: 'ArgMax', inputs: [between(-2, 2, shape, seed)] }),
      4,
    )(expectValues);
  });
});
