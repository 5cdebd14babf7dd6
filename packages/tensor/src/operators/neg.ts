import { unary } from './elementwise.ts';

/** −x */
export const neg = unary('Neg', ({ g }) => g.neg());
