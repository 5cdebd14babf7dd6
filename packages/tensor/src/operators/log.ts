import { unary } from './elementwise.ts';

/** ln x */
export const log = unary('Log', ({ x, g }) => g.div(x));
