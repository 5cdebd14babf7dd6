import { activation } from './activation.ts';

/** min(max(alpha · x + beta, 0), 1); the derivative at both corners is 0, as in PyTorch */
export const hardSigmoid = activation<{ alpha: number; beta: number }>('HardSigmoid', ({ y, g, alpha }) =>
  g.mul(alpha).mul(y.greater(0).cast(g.dtype)).mul(y.less(1).cast(g.dtype)),
);
