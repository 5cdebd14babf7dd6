import { binary } from './arithmetic.ts';

/** min(a, b), element by element; of equals, a is taken to be the smaller one */
export const minimum = binary(
  'Min',
  ({ a, b, g }) => g.mul(a.lessOrEqual(b).cast(g.dtype)),
  ({ a, b, g }) => g.mul(b.less(a).cast(g.dtype)),
);
