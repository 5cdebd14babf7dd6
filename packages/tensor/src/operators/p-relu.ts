import { binary } from './arithmetic.ts';

/** x where x > 0, slope · x elsewhere; the slope is stretched to x */
export const pRelu = binary(
  'PRelu',
  ({ a: x, b: slope, g }) => x.greater(0).where(g, g.mul(slope)),
  ({ a: x, g }) => g.mul(x.minimum(0)),
);
