import type { Operator } from '../operator.ts';
import { broadcast } from '../shape.ts';
import { oneDtype } from './one-dtype.ts';

/** No settings at all. */
export type None = Readonly<Record<string, never>>;

/** What all element-wise operators of two operands share: they broadcast, and both have one dtype. */
export const binary = (type: string): Operator<None> => ({
  type,
  infer: ([a, b]) => ({ shape: broadcast(type, a!.shape, b!.shape), dtype: oneDtype(type, [a!, b!]) }),
});

/** What all element-wise operators of one operand share: nothing changes but the values. */
export const unary = (type: string): Operator<None> => ({ type, infer: ([x]) => x! });
