import { unary } from './arithmetic.ts';

/** x / (1 + |x|) */
export const softsign = unary('Softsign', ({ x, g }) => {
  const span = x.abs().add(1);
  return g.div(span.mul(span));
});
