import { steps } from './arithmetic.ts';

/** The nearest whole number; of two equally near ones the even one */
export const round = steps('Round');
