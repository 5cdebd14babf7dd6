import type { DType, NDArray } from './nd-array.ts';
import { showShape, TensorError, type Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** What is known about a tensor before it is computed. */
export interface Operand {
  /** Throws if it is unknown. */
  readonly shape: Shape;
  readonly hasShape: boolean;
  readonly dtype: DType;
}

/** What is known about a result; the shape of an opaque operator's result may be unknown. */
export interface Inferred {
  readonly shape: Shape | undefined;
  readonly dtype: DType;
}

/** A setting of one use of an operator. Plain numbers, alone or in a list, are integers. */
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

/** How one use of an operator is written in ONNX, if that differs from its attributes here. */
export interface OnnxForm {
  readonly attributes: Attributes;
  /** Inputs after the tensors that ONNX expects as arrays: axes, shapes. */
  readonly inputs?: readonly NDArray[];
  /** The positions of optional inputs that are omitted, in ascending order. */
  readonly absent?: readonly number[];
  /** How many results are written, even if only the first is used: ONNX requires some, such as both of TopK. */
  readonly results?: number;
}

/** The context in which an operator is written. */
export interface OnnxUse {
  readonly inputs: readonly Operand[];
  /** The version of ONNX's standard operator set. */
  readonly version: number;
  /** Whether to also write what readers could infer themselves. */
  readonly explicit: boolean;
}

/** An operator set; ONNX's standard set has the domain ''. */
export interface OperatorSet {
  readonly domain: string;
  readonly version: number;
}

/** One use of an operator in the backward pass: the gradient has reached the result and is passed on to the operands. */
export interface Backward<A> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** The gradient with respect to the result, in the result's shape. */
  readonly upstream: Tensor;
  readonly attributes: A;
}

/**
 * The gradient with respect to an operand, before undoing broadcasting: the caller sums over the broadcast axes. Called only for operands
 * that need one; undefined if the result does not change with the operand.
 */
export type Derivative = () => Tensor | undefined;

/**
 * An operator: its name in ONNX (operator set 20, or an older one), its shape rule, how it is written, and its derivative. Everything about
 * an operator is in one place.
 */
// The attributes are type-checked where an operator is used (`apply` in tensor.ts), so a list of operators does not need a separate type.
export interface Operator<A = never> {
  readonly type: string;
  /** The operator set it belongs to, if that is not ONNX's standard set. */
  readonly set?: OperatorSet;
  /** For an opaque operator (known only by name and copied from a file), its node in the file. */
  readonly node?: string;
  /** The shape and dtype of the result; throws a TensorError when the operands do not fit. */
  readonly infer: (operands: readonly Operand[], attributes: A) => Inferred;
  /** Absent when the attributes are ONNX's own. */
  readonly onnx?: (attributes: A, use: OnnxUse) => OnnxForm;
  /**
   * The same made of other operators, written instead of this one if the last bits of onnxruntime's implementation depend on the position
   * in a batch, the batch size or the number of threads, or if onnxruntime has none; otherwise undefined.
   */
  readonly steady?: (operands: readonly Tensor[], attributes: A) => Tensor | undefined;
  /**
   * What is written into files for other programs instead of the steady form, which some of them compute wrongly; undefined for the
   * operator itself.
   */
  readonly elsewhere?: (operands: readonly Tensor[], attributes: A) => Tensor | undefined;
  /** The minimum version of ONNX's standard operator set that it needs with these attributes; 17 when absent. */
  readonly needs?: (attributes: A) => number;
  /** The same made of operators that existed before the version that introduced this one. */
  readonly before?: {
    readonly version: number;
    readonly form: (operands: readonly Tensor[], attributes: A) => Tensor;
  };
  /** One derivative per operand. Absent when the operator cannot be differentiated. */
  readonly gradient?: (use: Backward<A>) => readonly Derivative[];
}

/** No settings at all. */
export type None = Readonly<Record<string, never>>;

/** The common dtype of all operands of an operator. @throws TensorError when they differ. */
export function oneDtype(operator: string, [first, ...others]: readonly Operand[]): DType {
  const other = others.find(({ dtype }) => dtype !== first!.dtype);
  if (!other) return first!.dtype;
  const [left, right] = [first!, other].map(({ dtype, shape }) => `${dtype} ${showShape(shape)}`);
  throw new TensorError(`${operator}: dtypes differ, ${left!} and ${right!}; cast one of them`);
}

/** For operators that onnxruntime computes only in float32: float64 operands are cast to float32, and the result back. */
export function inSingle<A>(operator: Operator<A>, operands: readonly Tensor[], attributes: A): Tensor | undefined {
  if (operands[0]!.dtype !== 'float64') return undefined;
  const [first, ...others] = operands.map((operand) => operand.cast('float32'));
  return first!.apply(operator, attributes, others).cast('float64');
}

/** Weights are constants here; their derivative would only be needed for training. */
export const noDerivativeByWeight = (operator: string) => (): never => {
  throw new TensorError(`${operator}: there is no derivative with respect to its weight`);
};

/** Where a tensor comes from: an input of the graph, known values, or an operator applied to other tensors. */
export type Origin =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly array: NDArray; readonly name: string | undefined }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly inputs: readonly Tensor[];
      readonly attributes: unknown;
    }
  /** A further result of an operation whose first result is `of`; the second has the index 1. */
  | { readonly kind: 'result'; readonly of: Tensor; readonly index: number };

/** An operator in a message: its name, and its node if it was read from a file. */
export const showOperator = ({ type, node }: Pick<Operator, 'type' | 'node'>): string =>
  node === undefined ? type : `${type} (node "${node}")`;

/** The operator that produced a tensor; undefined if there is none. */
export function operatorOf(origin: Origin): Operator | undefined {
  if (origin.kind === 'result') return operatorOf(origin.of.origin);
  return origin.kind === 'operation' ? origin.operator : undefined;
}

/** @throws TensorError that names the operator whose result has an unknown shape. */
export function unknownShape(origin: Origin): never {
  const operator = operatorOf(origin);
  throw new TensorError(`the shape of the result of ${operator ? showOperator(operator) : origin.kind} is not known`);
}

/** The direct inputs of an expression. */
export function inputsOf({ origin }: Tensor): readonly Tensor[] {
  if (origin.kind === 'result') return [origin.of];
  return origin.kind === 'operation' ? origin.inputs : [];
}
