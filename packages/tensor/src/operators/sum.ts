import { reduction } from './reduction.ts';

/** Σ x over axes */
export const sum = reduction('ReduceSum', ({ x, g }) => g.expandAs(x));
