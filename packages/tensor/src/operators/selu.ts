import type { Operator } from '../operator.ts';
import { apply } from '../tensor.ts';
import { activation } from './activation.ts';
import { elu } from './elu.ts';

/** gamma · x where x > 0, gamma · alpha · (eˣ − 1) elsewhere */
export const selu: Operator<{ alpha: number; gamma: number }> = {
  ...activation<{ alpha: number; gamma: number }>('Selu', ({ x, y, g, alpha, gamma }) =>
    x.greater(0).where(g.mul(gamma), g.mul(y.add(alpha * gamma))),
  ),
  steady: ([x], { alpha, gamma }) => apply(elu, [x!], { alpha }).mul(gamma),
};
