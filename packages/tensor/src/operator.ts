import type { DType, NDArray } from './nd-array.ts';
import type { Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** What is known of a tensor before it is computed. */
export interface Operand {
  /** Throws where it is not known. */
  readonly shape: Shape;
  readonly hasShape: boolean;
  readonly dtype: DType;
}

/** What is known of a result: its shape may be unknown where an operator is known by its name alone. */
export interface Inferred {
  readonly shape: Shape | undefined;
  readonly dtype: DType;
}

/** A setting of one use of an operator. A bare number is a whole one, as are those of a list. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: NDArray; readonly dtype: DType };

/** The settings of one use of an operator. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** How one use of an operator is written in ONNX where that differs from its attributes here. */
export interface OnnxForm {
  readonly attributes: Attributes;
  /** Inputs after the tensors, which ONNX wants as arrays: axes, shapes. */
  readonly inputs?: readonly NDArray[];
  /** Where among the inputs one is left out that ONNX allows to be absent, in ascending order. */
  readonly absent?: readonly number[];
  /** How many results are written though only the first may be used: ONNX demands some, such as both of TopK. */
  readonly results?: number;
}

/** A set of operators: ONNX's own has the domain ''. */
export interface OperatorSet {
  readonly domain: string;
  readonly version: number;
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
  /** Whose operator it is and in which version, where that is not ONNX's own operator set 20. */
  readonly set?: OperatorSet;
  /** The node of the file that brought it, where it is known by its name alone. */
  readonly node?: string;
  /** Shape and dtype of the result; throws a TensorError when the operands do not fit. */
  readonly infer: (operands: readonly Operand[], attributes: A) => Inferred;
  /** Absent when the attributes are ONNX's own. */
  readonly onnx?: (attributes: A) => OnnxForm;
  /**
   * The same made of other operators, where the last bits of onnxruntime's own one depend on the place in a batch, its size
   * or the number of threads; undefined where they do not. It is written in the operator's stead.
   */
  readonly steady?: (operands: readonly Tensor[], attributes: A) => Tensor | undefined;
  /** One derivative per operand. Absent when the operator cannot be differentiated. */
  readonly gradient?: (use: Backward<A>) => readonly Derivative[];
}
