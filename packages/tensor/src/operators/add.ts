import { binary } from './elementwise.ts';

/** a + b */
export const add = binary('Add');
