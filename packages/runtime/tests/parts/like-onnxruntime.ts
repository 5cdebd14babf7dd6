import { expect } from '@jest/globals';
import { openSession, type Arrays, type Session } from '@farout/runtime';
import { onnxOperator, writeOnnx } from '@farout/onnx';
import { constant, grad, input, type NDArray, type Tensor } from '@farout/tensor';
import { oneNodeModel, type NodeCase } from './one-node-model.ts';

/** Holds the results of an imported node to those that onnxruntime gives for the node itself, in its own operator set. */
export async function expectValues(node: NodeCase): Promise<void> {
  await withBoth(node, false, async (original, imported) => {
    const x = node.inputs[node.by ?? 0]!;
    expectSame(await imported.run({ x }), await original.run({ x }));
  });
}

/**
 * The same, and the derivative of a node A that is linear up to a constant, by the adjoint identity: ⟨Ax − A0, y⟩ = ⟨x, Aᵀy⟩, where
 * A is onnxruntime's and Aᵀ ours. In float32: equal up to 1e-5 of |Ax − A0| · |y|.
 */
export async function expectAdjoint(node: NodeCase): Promise<void> {
  await withBoth(node, true, async (original, imported) => {
    const x = node.inputs[node.by ?? 0]!;
    const zero = { ...x, data: filled(x.data, () => 0) };
    const [values, offset] = [await original.run({ x }), await original.run({ x: zero })];
    const weights = weightsFor(values);
    const { gradient, ...results } = await imported.run({ x, ...weights });
    expectSame(results, values);
    expect(gradient!.shape).toEqual(x.shape);
    let [left, size, height] = [0, 0, 0];
    for (const [name, { data }] of Object.entries(values)) {
      const weight = weights[name.replace('y', 'w')]!.data;
      for (let i = 0; i < data.length; i++) {
        const change = Number(data[i]) - Number(offset[name]!.data[i]);
        left += change * Number(weight[i]);
        size += change ** 2;
        height += Number(weight[i]) ** 2;
      }
    }
    expect(Math.abs(left - dot(x, gradient!))).toBeLessThan(1e-5 * Math.max(Math.sqrt(size * height), 1));
  });
}

/** How far x moves, and how large an error may be beside the largest derivative. */
const precisions = {
  Float64Array: { step: 1e-3, tolerance: 1e-7 },
  Float32Array: { step: 0.02, tolerance: 2e-3 },
};

/**
 * The values, and the derivative against finite differences of the original node: of fourth order, in the dtype of x, whose error
 * in float64 is below 1e-7 of the largest derivative (or of 1), in float32 below 2e-3. Corners must be 0.04 away from x.
 */
export async function expectDerivative(node: NodeCase): Promise<void> {
  await withBoth(node, true, async (original, imported) => {
    const x = node.inputs[node.by ?? 0]!;
    const { step, tolerance } = precisions[x.data.constructor.name as keyof typeof precisions];
    const values = await original.run({ x });
    const weights = weightsFor(values);
    const { gradient, ...results } = await imported.run({ x, ...weights });
    expectSame(results, values);
    expect(gradient!.shape).toEqual(x.shape);
    const scale = Math.max(1, ...numbersOf(gradient!).map(Math.abs));
    const at = async (i: number, by: number) => {
      const data = x.data.slice() as Float64Array;
      data[i]! += by * step;
      const moved = data[i]! - Number(x.data[i]);
      return { moved, outcome: await original.run({ x: { data, shape: x.shape } }) };
    };
    for (let i = 0; i < x.data.length; i++) {
      const [near, far] = [await slope(1), await slope(2)];
      expect(Math.abs((4 * near - far) / 3 - Number(gradient!.data[i]))).toBeLessThan(tolerance * scale);
      async function slope(by: number) {
        const [up, down] = [await at(i, by), await at(i, -by)];
        return weighted(up.outcome, down.outcome, weights) / (up.moved - down.moved);
      }
    }
  });
}

/** The node as onnxruntime reads it, and as it is read here with, where wanted, the gradient of Σ w · y. */
async function withBoth(
  node: NodeCase,
  gradient: boolean,
  use: (original: Session, imported: Session) => Promise<void>,
): Promise<void> {
  const original = await openSession(oneNodeModel(node), { threads: 1 });
  const imported = await openSession(writeOnnx(importOf(node, gradient)), { threads: 1 });
  try {
    await use(original, imported);
  } finally {
    await original.release();
    await imported.release();
  }
}

function importOf(node: NodeCase, gradient: boolean): Record<string, Tensor> {
  const { type, inputs, attributes, version = 20, results = 1, by = 0, bools, batched } = node;
  const { shape, data } = inputs[by]!;
  const dtypes = { Float64Array: 'float64', Float32Array: 'float32' } as const;
  const x = input(
    'x',
    batched ? ['N', ...shape.slice(1)] : shape,
    dtypes[data.constructor.name as keyof typeof dtypes],
  );
  const operands = inputs.map((array, i) => {
    if (!array || i === by) return array && x;
    return bools?.includes(i) ? constant(array, undefined, 'bool') : constant(array);
  });
  const outputs = onnxOperator(type, operands, attributes, { version, results });
  const named = Object.fromEntries(outputs.map((y, i) => [`y${i}`, y]));
  if (!gradient) return named;
  const sums = outputs.map((y, i) =>
    y
      .mul(input(`w${i}`, y.shape, y.dtype))
      .flatten()
      .sum(),
  );
  return {
    ...named,
    gradient: grad(
      sums.reduce((a, b) => a.add(b)),
      x,
    ),
  };
}

/** Fixed weights for every result, so that no two elements count alike. */
const weightsFor = (results: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(results).map(([name, { data, shape }]) => [
      name.replace('y', 'w'),
      { data: filled(data, (i) => 1 + ((i * 7) % 11) / 5), shape },
    ]),
  );

function weighted(up: Arrays, down: Arrays, weights: Arrays): number {
  let sum = 0;
  for (const [name, { data }] of Object.entries(up)) {
    const weight = weights[name.replace('y', 'w')]!.data;
    for (let i = 0; i < data.length; i++) {
      sum += Number(weight[i]) * (Number(data[i]) - Number(down[name]!.data[i]));
    }
  }
  return sum;
}

const numbersOf = ({ data }: NDArray): number[] => Array.from(data as ArrayLike<number | bigint>, Number);

/** An array of as many elements, of the same dtype where that is one of fractions. */
function filled(data: NDArray['data'], value: (i: number) => number): NDArray['data'] {
  const values = Array.from({ length: data.length }, (_, i) => value(i));
  return data instanceof Float64Array ? Float64Array.from(values) : Float32Array.from(values);
}

const dot = (a: NDArray, b: NDArray) => numbersOf(b).reduce((sum, value, i) => sum + value * Number(a.data[i]), 0);

/** Equal shapes, and elements up to 1e-5 of the expected ones or of 1. */
function expectSame(found: Arrays, expected: Arrays): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, { data, shape }] of Object.entries(expected)) {
    expect(found[name]!.shape).toEqual(shape);
    const errors = numbersOf({ data, shape }).map((wanted, i) => error(Number(found[name]!.data[i]), wanted));
    expect(Math.max(0, ...errors)).toBeLessThan(1e-5);
  }
}

const error = (found: number, wanted: number) =>
  Object.is(found, wanted) || (Number.isNaN(found) && Number.isNaN(wanted))
    ? 0
    : Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
