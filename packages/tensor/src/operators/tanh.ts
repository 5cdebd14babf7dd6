import { unary } from './arithmetic.ts';

/** tanh x; its derivative is 1 − tanh² x */
export const tanh = unary('Tanh', ({ y, g }) => g.sub(g.mul(y.mul(y))));
