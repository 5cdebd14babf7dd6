import { unary } from './arithmetic.ts';

/** eˣ */
export const exp = unary('Exp', ({ y, g }) => g.mul(y));
