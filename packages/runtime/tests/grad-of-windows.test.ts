import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { constant, grad, input, type Tensor } from '@farout/tensor';
import fc from 'fast-check';
import { numbers, type Plain } from './parts/plain.ts';
import { forAll } from './parts/property.ts';

const small = (min: number, max: number) => fc.integer({ min, max });
const convolutions = fc.record({
  group: small(1, 3),
  inner: small(1, 3),
  outer: small(1, 3),
  kernel: fc.tuple(small(1, 3), small(1, 3)),
  size: fc.tuple(small(5, 8), small(5, 8)),
  stride: fc.tuple(small(1, 3), small(1, 3)),
  dilation: fc.tuple(small(1, 2), small(1, 2)),
  padding: fc.tuple(small(0, 3), small(0, 3), small(0, 3), small(0, 3)),
});

const dot = (a: ArrayLike<number | bigint>, b: ArrayLike<number>) =>
  Array.from(b).reduce((sum, value, i) => sum + value * Number(a[i]), 0);

const length = (values: ArrayLike<number>) => Math.sqrt(dot(values, values));

describe('grad of conv', () => {
  it('is the adjoint, ⟨Ax, y⟩ = ⟨x, Aᵀy⟩, for any stride, padding, dilation and groups', async () => {
    await forAll(convolutions, async ({ group, inner, outer, kernel, size, ...window }, seed) => {
      const x = numbers([2, inner * group, ...size], seed);
      const weight = constant(numbers([outer * group, inner, ...kernel], seed + 1));
      const symbol = input('x', ['N', ...x.shape.slice(1)]);
      const image = symbol.conv(weight, { ...window, groups: group });
      const y = numbers([2, ...(image.shape.slice(1) as number[])], seed + 2);
      const adjoint = grad(image.mul(input('y', image.shape)).flatten().sum(), symbol);
      expect(adjoint.shape).toEqual(symbol.shape);
      const found = await evaluate({ image, adjoint }, { x, y });
      expect(found.adjoint!.shape).toEqual(x.shape);
      const [left, right] = [dot(found.image!.data, y.data), dot(found.adjoint!.data, x.data)];
      const scale = length(found.image!.data as Float32Array) * length(y.data);
      expect(Math.abs(left - right)).toBeLessThan(1e-5 * Math.max(scale, 1));
    });
  });

  it('is no transposed convolution for a stride of 1, because onnxruntime is slower at those', () => {
    const [x, weight] = [input('x', ['N', 2, 6, 6]), constant(numbers([4, 2, 3, 3], 1))];
    const types = operatorsOf(grad(x.conv(weight, { padding: 1 }).flatten().sum(), x));
    expect(types).toContain('Conv');
    expect(types).not.toContain('ConvTranspose');
  });
});

function operatorsOf(root: Tensor): Set<string> {
  const types = new Set<string>();
  const reached = new Set([root]);
  for (const { origin } of reached) {
    if (origin.kind !== 'operation') continue;
    types.add(origin.operator.type);
    for (const operand of origin.inputs) reached.add(operand);
  }
  return types;
}

const poolings = fc.record({
  kernel: small(1, 3),
  stride: small(1, 3),
  dilation: small(1, 2),
  levels: fc.constantFrom(2, 3, 1000),
});

/** What reaches each element when the first of the largest under every window takes all of that window's share. */
function plainPoolGradient(
  x: Plain,
  y: Plain,
  { kernel, stride, dilation }: { kernel: number; stride: number; dilation: number },
) {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [, , rows, columns] = y.shape as [number, number, number, number];
  const gradient = new Float32Array(x.data.length);
  for (let plane = 0; plane < n * c; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let best = -1;
        for (let i = 0; i < kernel; i++) {
          for (let j = 0; j < kernel; j++) {
            const at = plane * h * w + (row * stride + i * dilation) * w + column * stride + j * dilation;
            if (best < 0 || x.data[at]! > x.data[best]!) best = at;
          }
        }
        gradient[best]! += y.data[(plane * rows + row) * columns + column]!;
      }
    }
  }
  return gradient;
}

describe('grad of maxPool', () => {
  it('goes to the first of the largest under each window, also where windows overlap and elements are equal', async () => {
    await forAll(poolings, async ({ levels, ...window }, seed) => {
      const raw = numbers([2, 2, 7, 6], seed);
      const x = { ...raw, data: raw.data.map((value) => Math.round(value * levels) / levels) };
      const symbol = input('x', ['N', 2, 7, 6]);
      const pooled = symbol.maxPool(window);
      const y = numbers([2, ...(pooled.shape.slice(1) as number[])], seed + 1);
      const weighted = pooled.mul(input('y', pooled.shape)).flatten().sum();
      const { gradient } = await evaluate({ gradient: grad(weighted, symbol) }, { x, y });
      const expected = plainPoolGradient(x, y, window);
      expect(gradient!.shape).toEqual(x.shape);
      expected.forEach((value, i) => expect(gradient!.data[i]).toBeCloseTo(value, 4));
    });
  });
});
