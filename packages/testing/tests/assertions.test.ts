import { input, type Tensor } from '@farout/tensor';
import { describe, expect, it } from '@jest/globals';
import { assertGradient } from '../src/assertions.ts';

const at = { data: Float32Array.of(0.3, -0.7, 1.9, 0.4, -1.2, 2.3), shape: [2, 3] };
const compare = (values: (x: Tensor) => Tensor, tolerance = 0.01) => {
  const image = input('image', ['N', 3]);
  return assertGradient(values(image), image, at, tolerance);
};

/** The same numbers up to 2⁻²⁰, of which no derivative comes back. */
const withoutDerivative = (x: Tensor) =>
  x
    .mul(2 ** 20)
    .cast('int32')
    .cast('float32')
    .div(2 ** 20);

describe('assertGradient', () => {
  it.each([
    ['a square', (x: Tensor) => x.mul(x).sum()],
    ['a softmax', (x: Tensor) => x.softmax().max()],
    ['corners', (x: Tensor) => x.relu().minimum(2).sum()],
    ['a small slope on a large number', (x: Tensor) => x.sum().mul(0.01).add(1000)],
    ['steps, flat almost everywhere', (x: Tensor) => x.greater(0).cast('float32').sum()],
  ])('agrees with %s', async (_, values) => {
    await compare(values);
  });

  it('agrees where the derivative is refused by a TensorError', async () => {
    await compare((x) => x.add(x.mean(0)).sum());
  });

  it('finds a derivative that is lost, and names the image', async () => {
    await expect(compare((x) => withoutDerivative(x).sum())).rejects.toThrow(
      /^the derivative at image 0 is 0, differences/,
    );
    const ofSecond = (x: Tensor) => withoutDerivative(x.minimum(-1)).sum().add(x.mul(x).sum());
    await expect(compare(ofSecond)).rejects.toThrow(/^the derivative at image 1 is/);
  });

  it('finds what is lost in part when that is more than the tolerance', async () => {
    const tenth = (x: Tensor) =>
      x
        .mul(0.9)
        .add(withoutDerivative(x.mul(0.1)))
        .sum();
    await expect(compare(tenth)).rejects.toThrow('the derivative at image 0');
    await compare(tenth, 0.3);
  });

  it('rejects with what else goes wrong', async () => {
    const image = input('picture', ['N', 3]);
    await expect(assertGradient(image.sum(), image, at, 0.01)).rejects.toThrow('picture');
  });
});
