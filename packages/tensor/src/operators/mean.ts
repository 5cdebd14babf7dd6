import { reduction } from './reduction.ts';

/** mean of x over axes */
export const mean = reduction('ReduceMean');
