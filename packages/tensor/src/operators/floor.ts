import { steps } from './elementwise.ts';

/** The largest whole number that is not larger than x */
export const floor = steps('Floor');
