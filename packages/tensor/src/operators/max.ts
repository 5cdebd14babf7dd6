import { reduction } from './reduction.ts';

/** maximum of x over axes; a NaN that is not first is lost */
export const max = reduction('ReduceMax');
