import { unary } from './arithmetic.ts';

/** 1 / (1 + e⁻ˣ) */
export const sigmoid = unary('Sigmoid', ({ y, g }) => g.mul(y.sub(y.mul(y))));
