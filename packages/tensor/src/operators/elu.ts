import { activation } from './activation.ts';

/** x where x > 0, alpha · (eˣ − 1) elsewhere */
export const elu = activation<{ alpha: number }>('Elu', ({ x, y, g, alpha }) =>
  x.greater(0).where(g, g.mul(y.add(alpha))),
);
