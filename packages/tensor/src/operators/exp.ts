import { unary } from './elementwise.ts';

/** eˣ */
export const exp = unary('Exp', ({ y, g }) => g.mul(y));
