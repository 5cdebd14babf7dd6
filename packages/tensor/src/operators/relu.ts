import { unary } from './arithmetic.ts';

/** max(x, 0); the derivative at 0 is 0, as in PyTorch */
export const relu = unary('Relu', ({ y, g }) => g.mul(y.greater(0).cast(g.dtype)));
