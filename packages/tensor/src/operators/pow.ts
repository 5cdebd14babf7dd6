import { binary } from './arithmetic.ts';

/** a to the power of b, element by element. As in PyTorch a⁰ has the derivative 0, and a power of 0 does not change with its exponent. */
export const pow = binary(
  'Pow',
  ({ a, b, g }) => g.mul(b).mul(a.pow(b.equal(0).where(1, b.sub(1)))),
  ({ a, y, g }) => g.mul(y).mul(a.equal(0).where(1, a).log()),
);
