import type { Operator } from '../operator.ts';
import { activation } from './activation.ts';

/** x where x > 0, alpha · (eˣ − 1) elsewhere */
export const elu: Operator<{ alpha: number }> = {
  ...activation<{ alpha: number }>('Elu', ({ x, y, g, alpha }) => x.greater(0).where(g, g.mul(y.add(alpha)))),
  // onnxruntime's Elu rounds differently in vectors and one by one, as its Log does.
  steady: ([x], { alpha }) => x!.greater(0).where(x!, x!.minimum(0).exp().sub(1).mul(alpha)),
};
