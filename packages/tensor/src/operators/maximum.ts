import { binary } from './arithmetic.ts';

/** max(a, b), element by element; of equals, a is taken to be the larger one */
export const maximum = binary(
  'Max',
  ({ a, b, g }) => g.mul(a.greaterOrEqual(b).cast(g.dtype)),
  ({ a, b, g }) => g.mul(b.greater(a).cast(g.dtype)),
);
