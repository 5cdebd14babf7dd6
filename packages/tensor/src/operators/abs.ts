import { unary } from './arithmetic.ts';

/** |x|; the derivative at 0 is 0, as in PyTorch */
export const abs = unary('Abs', ({ x, g }) => g.mul(x.sign()));
