import { steps } from './arithmetic.ts';

/** The largest whole number that is not larger than x */
export const floor = steps('Floor');
