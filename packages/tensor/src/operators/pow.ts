import { binary } from './elementwise.ts';

/** a to the power of b, element by element */
export const pow = binary(
  'Pow',
  ({ a, b, g }) => g.mul(b).mul(a.pow(b.sub(1))),
  ({ a, y, g }) => g.mul(y).mul(a.log()),
);
