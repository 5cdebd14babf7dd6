import type { NDArray } from './nd-array.ts';
import type { Operator } from './operator.ts';
import { TensorError } from './tensor-error.ts';
import type { Tensor } from './tensor.ts';

/** Where a tensor comes from: the graph's input, numbers that are known, or an operator applied to other tensors. */
export type Origin =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly array: NDArray; readonly name: string | undefined }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly inputs: readonly Tensor[];
      readonly attributes: unknown;
    }
  /** A further result of an operation, whose first is `of`; the second has the index 1. */
  | { readonly kind: 'result'; readonly of: Tensor; readonly index: number };

/** An operator in a message: its name, and its node where it was read from a file. */
export const showOperator = ({ type, node }: Pick<Operator, 'type' | 'node'>): string =>
  node === undefined ? type : `${type} (node "${node}")`;

/** The operator whose result a tensor is; undefined where it is none. */
export function operatorOf(origin: Origin): Operator | undefined {
  if (origin.kind === 'result') return operatorOf(origin.of.origin);
  return origin.kind === 'operation' ? origin.operator : undefined;
}

/** @throws TensorError that says whose result it is that has no known shape. */
export function unknownShape(origin: Origin): never {
  const operator = operatorOf(origin);
  throw new TensorError(`the shape of the result of ${operator ? showOperator(operator) : origin.kind} is not known`);
}
