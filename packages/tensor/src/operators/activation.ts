import type { Operator } from '../operator.ts';
import type { Tensor } from '../tensor.ts';
import type { UnaryUse } from './arithmetic.ts';

/** What element-wise operators of one operand share that have settings, all of them fractions. */
export const activation = <A extends Readonly<Record<string, number>>>(
  type: string,
  byX: (use: UnaryUse & A) => Tensor,
): Operator<A> => ({
  type,
  infer: ([x]) => x!,
  onnx: (settings) => ({
    attributes: Object.fromEntries(Object.entries(settings).map(([name, float]) => [name, { float }])),
  }),
  gradient: ({ inputs: [x], output: y, upstream: g, attributes }) => [() => byX({ x: x!, y, g, ...attributes })],
});
