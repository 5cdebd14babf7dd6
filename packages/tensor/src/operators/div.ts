import { binary } from './elementwise.ts';

/** a / b */
export const div = binary('Div');
