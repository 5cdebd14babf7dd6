import type { Operator } from '../operator.ts';
import { broadcast, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import type { None } from './arithmetic.ts';
import { oneDtype } from './one-dtype.ts';

/** a where the condition holds, b elsewhere; all three broadcast. What is not chosen has the derivative 0. */
export const where: Operator<None> = {
  type: 'Where',
  infer: ([condition, a, b]) => {
    if (condition!.dtype !== 'bool') {
      throw new TensorError(
        `Where: the condition must be bool, not ${condition!.dtype} ${showShape(condition!.shape)}`,
      );
    }
    const shape = broadcast('Where', condition!.shape, broadcast('Where', a!.shape, b!.shape));
    return { shape, dtype: oneDtype('Where', [a!, b!]) };
  },
  gradient: ({ inputs: [condition], upstream: g }) => [
    () => undefined,
    () => condition!.where(g, 0),
    () => condition!.where(0, g),
  ],
};
