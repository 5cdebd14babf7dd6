import type { DType, NDArray } from './nd-array.ts';
import type { Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** What is known of a tensor before it is computed. */
export interface Operand {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The settings of one use of an operator. */
export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** How one use of an operator is written in ONNX where that differs from its attributes here. */
export interface OnnxForm {
  readonly attributes: Attributes;
  /** Inputs after the tensors, which ONNX wants as arrays: axes, shapes. */
  readonly inputs?: readonly NDArray[];
}

/** One use of an operator, seen from behind: the gradient has reached the result and goes on to the operands. */
export interface Backward<A> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** The gradient with respect to the result, of its shape. */
  readonly upstream: Tensor;
  readonly attributes: A;
}

/**
 * The gradient with respect to an operand, up to broadcasting: where an operand was stretched, the caller sums. Called
 * only for operands that need one; undefined where the result does not change with the operand.
 */
export type Derivative = () => Tensor | undefined;

/**
 * An operator: its name in ONNX (operator set 20), what it makes of shapes, how it is written, and its derivative. One
 * operator is one file, so that all there is to know of it stands on one screen.
 */
// The attributes are checked where an operator is used (`apply` in tensor.ts), so that a list of operators needs no type of its own.
export interface Operator<A = never> {
  readonly type: string;
  /** Shape and dtype of the result; throws a TensorError when the operands do not fit. */
  readonly infer: (operands: readonly Operand[], attributes: A) => Operand;
  /** Absent when the attributes are ONNX's own. */
  readonly onnx?: (attributes: A) => OnnxForm;
  /** One derivative per operand. Absent when the operator cannot be differentiated. */
  readonly gradient?: (use: Backward<A>) => readonly Derivative[];
}
