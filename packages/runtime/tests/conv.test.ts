import { describe, expect, it } from '@jest/globals';
import { constant, grad, input } from '@farout/tensor';
import { evaluate } from '@farout/runtime';
import fc from 'fast-check';
import { build, difference, numbers } from './parts/plain.ts';
import { plainConv } from './parts/plain-conv.ts';
import { forAll } from './parts/property.ts';

const small = (min: number, max: number) => fc.integer({ min, max });
const convolutions = fc.record({
  n: small(1, 2),
  groups: small(1, 3),
  inner: small(1, 3),
  outer: small(1, 3),
  kernelHeight: small(1, 3),
  kernelWidth: small(1, 3),
  height: small(3, 7),
  width: small(3, 7),
  stride: small(1, 3),
  padding: small(0, 2),
});

describe('conv', () => {
  it('is the sum over channels and window, for any stride, padding and groups, with and without bias', async () => {
    await forAll(convolutions, async (c, seed) => {
      const { groups, stride, padding } = c;
      const x = numbers([c.n, c.inner * groups, c.height, c.width], seed);
      const weight = numbers([c.outer * groups, c.inner, c.kernelHeight, c.kernelWidth], seed + 1);
      const bias = numbers([c.outer * groups], seed + 2);
      const image = input('x', ['N', ...x.shape.slice(1)]);
      const outputs = {
        biased: image.conv(constant(weight), { bias: constant(bias), groups, stride, padding }),
        plain: image.conv(constant(weight), { groups, stride, padding }),
      };
      const results = await evaluate(outputs, { x });
      const expected = plainConv(x, weight, bias, c);
      expect(difference(results.biased!, expected)).toBeLessThan(1e-5);
      expect(
        difference(
          results.plain!,
          plainConv(
            x,
            weight,
            build(bias.shape, () => 0),
            c,
          ),
        ),
      ).toBeLessThan(1e-5);
      expect(outputs.biased.shape).toEqual(['N', ...expected.shape.slice(1)]);
    });
  });

  it('moves one pixel at a time without padding when nothing is said', async () => {
    const [x, weight] = [numbers([1, 2, 4, 4], 1), numbers([3, 2, 2, 2], 2)];
    const { result } = await evaluate({ result: input('x', x.shape).conv(constant(weight)) }, { x });
    const expected = plainConv(
      x,
      weight,
      build([3], () => 0),
      { stride: 1, padding: 0, groups: 1 },
    );
    expect(difference(result!, expected)).toBeLessThan(1e-5);
  });

  it('is computed in float32 where everything is float64, as is its adjoint', async () => {
    const [x, weight] = [numbers([1, 2, 4, 4], 1), numbers([3, 2, 2, 2], 2)];
    const double = ({ data, shape }: typeof x) => ({ data: Float64Array.from(data), shape });
    const image = input('x', x.shape, 'float64');
    const y = image.conv(constant(double(weight)), { stride: 2 });
    const single = input('image', x.shape).conv(constant(weight), { stride: 2 });
    const found = await evaluate({ y, single, gradient: grad(y.flatten().sum(), image) }, { x: double(x), image: x });
    expect(found.y!.data).toEqual(Float64Array.from(found.single!.data as Float32Array));
    expect(found.gradient!.data).toBeInstanceOf(Float64Array);
  });
});
