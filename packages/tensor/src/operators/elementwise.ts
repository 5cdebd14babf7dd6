import type { Operator } from '../operator.ts';
import { broadcast, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';

/** No settings at all. */
export type None = Readonly<Record<string, never>>;

/** What all element-wise operators of two operands share: they broadcast, and both have one dtype. */
export const binary = (type: string): Operator<None> => ({
  type,
  infer: ([a, b]) => {
    if (a!.dtype !== b!.dtype) {
      const left = `${a!.dtype} ${showShape(a!.shape)}`;
      throw new TensorError(`${type}: dtypes differ, ${left} and ${b!.dtype} ${showShape(b!.shape)}; cast one of them`);
    }
    return { shape: broadcast(type, a!.shape, b!.shape), dtype: a!.dtype };
  },
});

/** What all element-wise operators of one operand share: nothing changes but the values. */
export const unary = (type: string): Operator<None> => ({ type, infer: ([x]) => x! });
