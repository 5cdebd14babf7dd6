import { activation } from './activation.ts';

/** gamma · x where x > 0, gamma · alpha · (eˣ − 1) elsewhere */
export const selu = activation<{ alpha: number; gamma: number }>('Selu', ({ x, y, g, alpha, gamma }) =>
  x.greater(0).where(g.mul(gamma), g.mul(y.add(alpha * gamma))),
);
