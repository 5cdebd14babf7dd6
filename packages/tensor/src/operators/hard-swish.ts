import { unary } from './arithmetic.ts';

/** x · min(max(x / 6 + 1/2, 0), 1); at its corners, −3 and 3, it rises as it does between them, as in PyTorch */
export const hardSwish = unary('HardSwish', ({ x, g }) => {
  const between = g.mul(x.div(3).add(0.5)).mul(x.greaterOrEqual(-3).cast(g.dtype));
  return x.greater(3).where(g, between);
});
