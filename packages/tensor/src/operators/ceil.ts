import { steps } from './arithmetic.ts';

/** The smallest whole number that is not smaller than x */
export const ceil = steps('Ceil');
