import { comparison } from './arithmetic.ts';

/** a > b, element by element, bool */
export const greater = comparison('Greater');
