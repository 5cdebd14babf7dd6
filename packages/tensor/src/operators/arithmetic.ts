import type { Backward, Operator } from '../operator.ts';
import { broadcast } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { oneDtype } from './one-dtype.ts';

/** No settings at all. */
export type None = Readonly<Record<string, never>>;

/** The operands, the result y and the gradient g that reached it. */
interface BinaryUse {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly y: Tensor;
  readonly g: Tensor;
}

/** What all element-wise operators of two operands share: they broadcast, and both have one dtype. */
export const binary = (
  type: string,
  byA: (use: BinaryUse) => Tensor | undefined,
  byB: (use: BinaryUse) => Tensor | undefined,
): Operator<None> => ({
  type,
  infer: ([a, b]) => ({ shape: broadcast(type, a!.shape, b!.shape), dtype: oneDtype(type, [a!, b!]) }),
  gradient: ({ inputs: [a, b], output: y, upstream: g }: Backward<None>) => {
    const use = { a: a!, b: b!, y, g };
    return [() => byA(use), () => byB(use)];
  },
});

/** The operand, the result y and the gradient g that reached it. */
export interface UnaryUse {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly g: Tensor;
}

/** What all element-wise operators of one operand share: nothing changes but the values. */
export const unary = (type: string, byX: (use: UnaryUse) => Tensor | undefined): Operator<None> => ({
  type,
  infer: ([x]) => x!,
  gradient: ({ inputs: [x], output: y, upstream: g }) => [() => byX({ x: x!, y, g })],
});

/** What all that rises in steps shares: it is constant wherever it is differentiable. */
export const steps = (type: string): Operator<None> => unary(type, () => undefined);

/** What all comparisons share: the result is bool, and constant wherever it is differentiable. */
export const comparison = (type: string): Operator<None> => ({
  type,
  infer: ([a, b]) => {
    oneDtype(type, [a!, b!]);
    return { shape: broadcast(type, a!.shape, b!.shape), dtype: 'bool' };
  },
  gradient: () => [() => undefined, () => undefined],
});
