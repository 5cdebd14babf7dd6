import type { DType, NDArray } from './nd-array.ts';
import type { Shape } from './shape.ts';

/** What is known of a tensor before it is computed. */
export interface Operand {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The settings of one use of an operator. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** How one use of an operator is written in ONNX where that differs from its attributes here. */
export interface OnnxForm {
  readonly attributes: Attributes;
  /** Inputs after the tensors, which ONNX wants as arrays: axes, shapes. */
  readonly inputs?: readonly NDArray[];
}

/**
 * An operator: its name in ONNX (operator set 20), what it makes of shapes, and how it is written. One operator is one
 * file, so that all there is to know of it stands on one screen.
 */
// The attributes are checked where an operator is used (`apply` in tensor.ts), so that a list of operators needs no type of its own.
export interface Operator<A = never> {
  readonly type: string;
  /** Shape and dtype of the result; throws a TensorError when the operands do not fit. */
  readonly infer: (operands: readonly Operand[], attributes: A) => Operand;
  /** Absent when the attributes are ONNX's own. */
  readonly onnx?: (attributes: A) => OnnxForm;
}
