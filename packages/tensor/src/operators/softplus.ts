import { unary } from './elementwise.ts';

/** log(1 + eˣ) */
export const softplus = unary('Softplus', ({ x, g }) => g.mul(x.sigmoid()));
