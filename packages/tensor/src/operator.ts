import type { DType, NDArray } from './nd-array.ts';
import { showShape, TensorError, type Shape } from './shape.ts';
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

/** Where an operator is written. */
export interface OnnxUse {
  readonly inputs: readonly Operand[];
  /** The version of ONNX's own operators. */
  readonly version: number;
  /** Whether what readers could find out is written too. */
  readonly explicit: boolean;
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
 * An operator: its name in ONNX (operator set 20, or an older one), what it makes of shapes, how it is written, and its derivative. One
 * operator is one file, so that all there is to know of it stands on one screen.
 */
// The attributes are checked where an operator is used (`apply` in tensor.ts), so that a list of operators needs no type of its own.
export interface Operator<A = never> {
  readonly type: string;
  /** Whose operator it is and in which version, where that is not ONNX's own. */
  readonly set?: OperatorSet;
  /** The node of the file that brought it, where it is known by its name alone. */
  readonly node?: string;
  /** Shape and dtype of the result; throws a TensorError when the operands do not fit. */
  readonly infer: (operands: readonly Operand[], attributes: A) => Inferred;
  /** Absent when the attributes are ONNX's own. */
  readonly onnx?: (attributes: A, use: OnnxUse) => OnnxForm;
  /**
   * The same made of other operators, where the last bits of onnxruntime's own one depend on the place in a batch, its size
   * or the number of threads, or where it has none; undefined elsewhere. It is written in the operator's stead.
   */
  readonly steady?: (operands: readonly Tensor[], attributes: A) => Tensor | undefined;
  /** What files for other programs have instead of the steady form, which some compute wrongly; undefined for the operator itself. */
  readonly elsewhere?: (operands: readonly Tensor[], attributes: A) => Tensor | undefined;
  /** The version of ONNX's own operators that it needs with these attributes; 17 serves where it is absent. */
  readonly needs?: (attributes: A) => number;
  /** The same made of operators that ONNX had before the version that brought this one. */
  readonly before?: {
    readonly version: number;
    readonly form: (operands: readonly Tensor[], attributes: A) => Tensor;
  };
  /** One derivative per operand. Absent when the operator cannot be differentiated. */
  readonly gradient?: (use: Backward<A>) => readonly Derivative[];
}

/** No settings at all. */
export type None = Readonly<Record<string, never>>;

/** The dtype that all operands of an operator have; a TensorError when they differ. */
export function oneDtype(operator: string, [first, ...others]: readonly Operand[]): DType {
  const other = others.find(({ dtype }) => dtype !== first!.dtype);
  if (!other) return first!.dtype;
  const [left, right] = [first!, other].map(({ dtype, shape }) => `${dtype} ${showShape(shape)}`);
  throw new TensorError(`${operator}: dtypes differ, ${left!} and ${right!}; cast one of them`);
}

/** For what onnxruntime computes in float32 alone: with float64 operands it is computed there, and cast back. */
export function inSingle<A>(operator: Operator<A>, operands: readonly Tensor[], attributes: A): Tensor | undefined {
  if (operands[0]!.dtype !== 'float64') return undefined;
  const [first, ...others] = operands.map((operand) => operand.cast('float32'));
  return first!.apply(operator, attributes, others).cast('float64');
}

/** Weights are constants here; their derivative would be needed for training alone. */
export const noDerivativeByWeight = (operator: string) => (): never => {
  throw new TensorError(`${operator}: there is no derivative with respect to its weight`);
};

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

/** The tensors that an expression is directly made of. */
export function inputsOf({ origin }: Tensor): readonly Tensor[] {
  if (origin.kind === 'result') return [origin.of];
  return origin.kind === 'operation' ? origin.inputs : [];
}
