import { unary } from './arithmetic.ts';

/** √x */
export const sqrt = unary('Sqrt', ({ y, g }) => g.div(y).mul(0.5));
