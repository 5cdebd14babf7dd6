import { binary } from './elementwise.ts';

/** a · b */
export const mul = binary('Mul');
