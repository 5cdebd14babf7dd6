import { activation } from './activation.ts';

/** x where x > 0, alpha · x elsewhere */
export const leakyRelu = activation<{ alpha: number }>('LeakyRelu', ({ x, g, alpha }) =>
  x.greater(0).where(g, g.mul(alpha)),
);
