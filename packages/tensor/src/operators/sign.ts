import { steps } from './arithmetic.ts';

/** −1, 0 or 1 */
export const sign = steps('Sign');
