import { binary } from './arithmetic.ts';

/** a / b */
export const div = binary(
  'Div',
  ({ b, g }) => g.div(b),
  ({ b, y, g }) => g.mul(y).div(b).neg(),
);
