import { unary } from './arithmetic.ts';

/** 1 / x */
export const reciprocal = unary('Reciprocal', ({ y, g }) => g.mul(y.mul(y)).neg());
