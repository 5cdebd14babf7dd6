import { unary } from './arithmetic.ts';

/** −x */
export const neg = unary('Neg', ({ g }) => g.neg());
