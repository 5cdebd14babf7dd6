import { unary } from './elementwise.ts';

/** max(x, 0) */
export const relu = unary('Relu');
