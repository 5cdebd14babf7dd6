import { comparison } from './arithmetic.ts';

/** a ≤ b, element by element, bool */
export const lessOrEqual = comparison('LessOrEqual');
