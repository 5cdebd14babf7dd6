import { comparison } from './elementwise.ts';

/** a ≤ b, element by element, bool */
export const lessOrEqual = comparison('LessOrEqual');
