import type { Operator } from '../operator.ts';
import { type None, unary } from './arithmetic.ts';

/** log(1 + eˣ) */
export const softplus: Operator<None> = {
  ...unary('Softplus', ({ x, g }) => g.mul(x.sigmoid())),
  // onnxruntime's Softplus rounds differently in vectors and one by one, as its Log does, and takes longer than this.
  steady: ([x]) => x!.maximum(0).add(x!.abs().neg().exp().add(1).log()),
};
