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

const expanded = fc.record({
  channels: small(3, 5),
  kernel: fc.tuple(small(2, 4), small(2, 4)),
  stride: small(2, 3),
  blocks: fc.tuple(small(2, 4), small(2, 4)),
  padding: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
});

/** What stands between two convolutions, and its slope. */
const activations = {
  relu: { of: (map: Tensor) => map.relu(), slope: (value: number) => Number(value > 0) },
  clip: { of: (map: Tensor) => map.clip(-0.25, 0.5), slope: (value: number) => Number(value > -0.25 && value < 0.5) },
  'a product': { of: (map: Tensor, factor: Tensor) => map.mul(factor), slope: (value: number) => value + 1 },
};

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

  it.each(Object.entries(activations))(
    'is the adjoint behind a strided depthwise convolution and %s, whose phases stay apart',
    async (_, { of, slope }) => {
      await forAll(expanded, async ({ channels, kernel, blocks, ...window }, seed) => {
        const size = blocks.map((count) => count * window.stride);
        const [expand, depthwise] = [
          constant(numbers([channels, 2, 1, 1], seed)),
          constant(numbers([channels, 1, ...kernel], seed + 1)),
        ];
        const [x, step] = [input('x', ['N', 2, ...size]), input('step', ['N', 2, ...size])];
        const wide = x.conv(expand);
        const factor = input('factor', wide.shape);
        const narrowed = (map: Tensor) => map.conv(depthwise, { ...window, groups: channels });
        const image = narrowed(step.conv(expand).mul(factor));
        const feeds = { x: numbers([2, 2, ...size], seed + 2), step: numbers([2, 2, ...size], seed + 3) };
        const y = numbers([2, ...(image.shape.slice(1) as number[])], seed + 4);
        const found = await evaluate({ wide }, { x: feeds.x });
        const data = (found.wide!.data as Float32Array).map(slope);
        const slopes = { data, shape: found.wide!.shape };
        const adjoint = grad(narrowed(of(wide, factor)).mul(input('y', image.shape)).flatten().sum(), x);
        const both = await evaluate({ image, adjoint }, { ...feeds, y, factor: slopes });
        const [left, right] = [dot(both.image!.data, y.data), dot(both.adjoint!.data, feeds.step.data)];
        const scale = length(both.image!.data as Float32Array) * length(y.data);
        expect(Math.abs(left - right)).toBeLessThan(1e-5 * Math.max(scale, 1));
      });
    },
  );

  it('keeps the phases apart where they are equally long', () => {
    const types = (size: number) => {
      const x = input('x', ['N', 2, size, size]);
      const [expand, depthwise] = [constant(numbers([6, 2, 1, 1], 1)), constant(numbers([6, 1, 3, 3], 2))];
      const y = x.conv(expand).clip(0, 6).conv(depthwise, { stride: 2, padding: 1, groups: 6 });
      return operatorsOf(grad(y.flatten().sum(), x));
    };
    expect(types(8)).not.toContain('ConvTranspose');
    expect(types(7)).toContain('ConvTranspose');
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
