import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { onnxOperator } from '@farout/onnx';
import { grad, input } from '@farout/tensor';
import fc from 'fast-check';
import { between, floats, ints } from '../parts/arrays.ts';
import { expectDerivative, expectValues } from '../parts/like-onnxruntime.ts';
import { broadcastShapes, shapes } from '../parts/plain.ts';
import { form, small } from '../parts/property.ts';

const operands = fc.record({ shapes: broadcastShapes, by: small(0, 1) });

describe('an element-wise operator of two operands', () => {
  it.each(['Add', 'Sub', 'Mul', 'Div', 'Pow'])(
    'has the values and slopes of onnxruntime, by both: %s',
    async (type) => {
      await form(operands, ({ shapes: { a, b }, by }, seed) => ({
        type,
        inputs: [between(0.4, 2.5, a, seed), between(0.6, 3, b, seed + 1)],
        by,
        version: 15,
      }))(expectDerivative);
    },
  );

  it.each(['Floor', 'Ceil', 'Round', 'Sign'])('has the values of onnxruntime, and is flat: %s', async (type) => {
    const corners = Array.from({ length: 17 }, (_, i) => i / 2 - 4);
    await form(shapes(1, 3), (shape, seed) => ({
      type,
      inputs: [between(-4, 4, shape, seed, { corners })],
    }))(expectDerivative);
  });

  it.each(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'])(
    'has the values of onnxruntime, ties among them: %s',
    async (type) => {
      await form(broadcastShapes, ({ a, b }, seed) => ({
        type,
        inputs: [a, b].map((shape, i) => {
          const { data } = between(0, 3, shape, seed + i);
          return { data: Float32Array.from(data as Float64Array, Math.round), shape };
        }),
        version: 16,
      }))(expectValues);
    },
  );
});

describe('Pow', () => {
  it.each([2, 3, -1, 0, 1])('has the values and slopes of onnxruntime for a whole exponent: %d', async (exponent) => {
    await form(
      shapes(1, 3),
      (shape, seed) => ({
        type: 'Pow',
        inputs: [between(-3, exponent < 0 ? -0.5 : 3, shape, seed), ints([exponent], [])],
        version: 13,
      }),
      6,
    )(expectDerivative);
  });

  it('has the derivatives of PyTorch where the base is 0', async () => {
    const x = input('x', [4]);
    const e = input('e', [4]);
    const [power] = onnxOperator('Pow', [x, e]);
    const gradients = { byBase: grad(power!.sum(), x), byExponent: grad(power!.sum(), e) };
    const found = await evaluate(gradients, { x: floats([0, 0, 0, 2]), e: floats([0, 1, 2, 0]) });
    expect([...found.byBase!.data]).toEqual([0, 1, 0, 0]);
    expect([...found.byExponent!.data]).toEqual([0, 0, 0, Math.fround(Math.log(2))]);
  });
});

describe('an operator of any number of operands', () => {
  const counts = [1, 2, 4];
  const kinds = { Sum: Float32Array, Mean: Float32Array, Max: Float64Array, Min: Float64Array };

  it.each(Object.entries(kinds))(
    'has the values and slopes of onnxruntime, by each of them: %s',
    async (type, dtype) => {
      for (const count of counts) {
        const examples = fc.record({ shape: shapes(2, 3), by: small(0, count - 1) });
        await form(
          examples,
          ({ shape, by }, seed) => ({
            type,
            inputs: Array.from({ length: count }, (_, i) =>
              between(i / 50, 3 + i / 50, i === 1 ? shape.slice(1) : shape, seed + 7 * i, { dtype }),
            ),
            by,
            version: 13,
          }),
          5,
        )(expectDerivative);
      }
    },
  );

  it.each(['Max', 'Min'])('gives the derivative of equals to the first of them: %s', async (type) => {
    const [a, b] = [input('a', [2]), input('b', [2])];
    const [chosen] = onnxOperator(type, [a, b]);
    const gradients = { byA: grad(chosen!.sum(), a), byB: grad(chosen!.sum(), b) };
    const found = await evaluate(gradients, { a: floats([1, 2]), b: floats([1, 2]) });
    expect([...found.byA!.data]).toEqual([1, 1]);
    expect([...found.byB!.data]).toEqual([0, 0]);
  });
});
