import { describe, expect, it } from '@jest/globals';
import { input, type Tensor } from '@farout/tensor';
import { evaluate } from '@farout/runtime';
import { at, broadcastShapes, build, difference, numbers, shapes, type Plain } from './parts/plain.ts';
import { forAll } from './parts/property.ts';

const binary: Record<string, { tensor: (a: Tensor, b: Tensor) => Tensor; plain: (a: number, b: number) => number }> = {
  add: { tensor: (a, b) => a.add(b), plain: (a, b) => a + b },
  sub: { tensor: (a, b) => a.sub(b), plain: (a, b) => a - b },
  mul: { tensor: (a, b) => a.mul(b), plain: (a, b) => a * b },
  div: { tensor: (a, b) => a.div(b), plain: (a, b) => a / b },
  minimum: { tensor: (a, b) => a.minimum(b), plain: Math.min },
};

const unary: Record<string, { tensor: (x: Tensor) => Tensor; plain: (x: number) => number }> = {
  exp: { tensor: (x) => x.exp(), plain: Math.exp },
  log: { tensor: (x) => x.exp().log(), plain: (x) => x },
  relu: { tensor: (x) => x.relu(), plain: (x) => Math.max(x, 0) },
  clip: { tensor: (x) => x.clip(-1, 2.5), plain: (x) => Math.min(Math.max(x, -1), 2.5) },
};

/** How many units in the last place of float64 a number is off, among those that it holds with all their bits. */
function inUnits(found: unknown, wanted: number): number {
  if (Object.is(found, wanted) || Math.abs(wanted) < 2 ** -1000) return 0;
  return Math.abs(Number(found) - wanted) / (Math.abs(wanted) * 2 ** -52);
}

/** The shape that two shapes broadcast to, axis by axis from the last. */
const together = (a: readonly number[], b: readonly number[]) =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
    Math.max(a.at(-1 - i) ?? 1, b.at(-1 - i) ?? 1),
  ).reverse();

describe('element-wise operators', () => {
  it('of two operands broadcast as numpy does and are correctly rounded', async () => {
    await forAll(broadcastShapes, async ({ a, b }, seed) => {
      const [x, y] = [numbers(a, seed), numbers(b, seed + 1)];
      const [left, right] = [input('x', a), input('y', b)];
      const outputs = Object.fromEntries(
        Object.entries(binary).map(([name, { tensor }]) => [name, tensor(left, right)]),
      );
      const results = await evaluate(outputs, { x, y });
      for (const [name, { plain }] of Object.entries(binary)) {
        const expected = build(together(a, b), (index) => plain(at(x, index), at(y, index)));
        expect([name, difference(results[name]!, expected)]).toEqual([name, 0]);
        expect(outputs[name]!.shape).toEqual(expected.shape);
      }
    });
  });

  it('of one operand keep the shape', async () => {
    await forAll(shapes(0, 4), async (shape, seed) => {
      const x = numbers(shape, seed);
      const outputs = Object.fromEntries(
        Object.entries(unary).map(([name, { tensor }]) => [name, tensor(input('x', shape))]),
      );
      const results = await evaluate(outputs, { x });
      for (const [name, { plain }] of Object.entries(unary)) {
        const expected = build(shape, (index) => plain(at(x, index)));
        expect(difference(results[name]!, expected)).toBeLessThan(1e-6);
      }
    });
  });

  it('are as precise in float64 as it is, the exponential and the sigmoid over their whole range', async () => {
    const data = Float64Array.from({ length: 2001 }, (_, i) => (i - 1000) * 0.7007);
    const x = { data: Float64Array.of(...data, 0, -Infinity, Infinity, NaN), shape: [2005] };
    const tensor = input('x', [2005], 'float64');
    const { exp, sigmoid } = await evaluate({ exp: tensor.exp(), sigmoid: tensor.sigmoid() }, { x });
    x.data.forEach((value, i) => {
      expect(inUnits(exp!.data[i], Math.exp(value))).toBeLessThanOrEqual(3);
      expect(inUnits(sigmoid!.data[i], 1 / (1 + Math.exp(-value)))).toBeLessThanOrEqual(3);
    });
  });

  it('have erf in float64 with the precision of float32, which is all that onnxruntime has', async () => {
    const tensor = input('x', [3], 'float64');
    const { erf } = await evaluate({ erf: tensor.erf() }, { x: { data: Float64Array.of(-0.5, 0, 2), shape: [3] } });
    expect(erf!.data).toBeInstanceOf(Float64Array);
    [-0.5204998778130465, 0, 0.9953222650189527].forEach((value, i) => expect(erf!.data[i]).toBeCloseTo(value, 6));
  });

  it('take a plain number as a scalar of the other dtype', async () => {
    const x = { data: Float64Array.of(1, 2), shape: [2] };
    const n = { data: Int32Array.of(6, -9), shape: [2] };
    const outputs = { tenth: input('x', [2], 'float64').div(10), third: input('n', [2], 'int32').div(3) };
    const results = await evaluate(outputs, { x, n });
    expect(results.tenth!.data).toEqual(Float64Array.of(0.1, 0.2));
    expect(results.third!.data).toEqual(Int32Array.of(2, -3));
  });

  it('stretch a batch whose size is only known when the graph runs', async () => {
    const outputs = { shifted: input('x', ['N', 2]).add(input('y', [2])) };
    const y: Plain = { data: Float32Array.of(10, 20), shape: [2] };
    for (const rows of [0, 1, 3]) {
      const x = numbers([rows, 2], rows);
      const expected = build([rows, 2], (index) => at(x, index) + at(y, index));
      expect(difference((await evaluate(outputs, { x, y })).shifted!, expected)).toBe(0);
    }
  });
});
