import type { DType } from '../nd-array.ts';
import type { Operand } from '../operator.ts';
import { showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';

/** The dtype that all operands of an operator have; a TensorError when they differ. */
export function oneDtype(operator: string, [first, ...others]: readonly Operand[]): DType {
  const other = others.find(({ dtype }) => dtype !== first!.dtype);
  if (!other) return first!.dtype;
  const [left, right] = [first!, other].map(({ dtype, shape }) => `${dtype} ${showShape(shape)}`);
  throw new TensorError(`${operator}: dtypes differ, ${left!} and ${right!}; cast one of them`);
}
