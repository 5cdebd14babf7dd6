import { oneDtype, type None, type Operator } from '../operator.ts';
import { broadcast, showShape, TensorError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** The common part of all comparisons: the result is bool, and constant wherever it is differentiable. */
const comparison = (type: string): Operator<None> => ({
  type,
  infer: ([a, b]) => {
    oneDtype(type, [a!, b!]);
    return { shape: broadcast(type, a!.shape, b!.shape), dtype: 'bool' };
  },
  gradient: () => [() => undefined, () => undefined],
});

/** a = b, element by element, bool */
export const equal = comparison('Equal');

/** a > b, element by element, bool */
export const greater = comparison('Greater');

/** a ≥ b, element by element, bool */
export const greaterOrEqual = comparison('GreaterOrEqual');

/** a < b, element by element, bool */
export const less = comparison('Less');

/** a ≤ b, element by element, bool */
export const lessOrEqual = comparison('LessOrEqual');

/** a where the condition holds, b elsewhere; all three broadcast. Elements that are not chosen have the derivative 0. */
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

/** 1 where x ≥ 0 and −1 elsewhere, in x's shape and dtype: the sign with sign(0) = +1, as ReAct's code uses it for ODIN. */
export const signOf = (x: Tensor): Tensor => x.greaterOrEqual(0).cast(x.dtype).mul(2).sub(1);
