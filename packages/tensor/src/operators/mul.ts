import { binary } from './arithmetic.ts';

/** a · b */
export const mul = binary(
  'Mul',
  ({ b, g }) => g.mul(b),
  ({ a, g }) => g.mul(a),
);
