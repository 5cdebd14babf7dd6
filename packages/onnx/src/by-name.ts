import {
  constant,
  type Attributes,
  type AttributeValue,
  type Dimension,
  type DType,
  type NDArray,
  type Shape,
  type Tensor,
} from '@farout/tensor';
import { apply, arrayOf, int64, type Operator } from '@farout/tensor/graph';
import type { NodeUse, OnnxNode } from './nodes.ts';
import { OnnxError } from './onnx-error.ts';

/** What the file declares about a value; an undeclared shape is undefined. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: Shape | undefined;
  readonly dtype: DType | undefined;
}

/**
 * For operators whose meaning changed, the version of ONNX's own operator sets since which they mean the same as in the written set. An older
 * node of such an operator is not passed through by name, unless only its settings became inputs (see `modernForm`).
 */
const changed: Readonly<Record<string, number>> = {
  BatchNormalization: 9,
  GridSample: 20,
  Hardmax: 13,
  LogSoftmax: 13,
  Resize: 11,
  Scatter: Infinity,
  Softmax: 13,
  Upsample: Infinity,
};

/** Operators whose result has the shape of the first input. */
const keepsShape = new Set([
  ...['ScatterND', 'ScatterElements', 'CumSum', 'Trilu', 'Not', 'IsNaN', 'Hardmax', 'ThresholdedRelu', 'Shrink'],
  ...['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'QuantizeLinear', 'DequantizeLinear'],
]);

/**
 * A node known only by its name: it runs as in the file and has no derivative, unless its result is known to be flat. Its output shapes come
 * from `declared` and may be unknown.
 */
export function passThrough(
  node: OnnxNode,
  version: number,
  inputs: readonly (Tensor | undefined)[],
  declared: readonly (Pick<OnnxValue, 'shape' | 'dtype'> | undefined)[],
  slope: 'unknown' | 'flat' = 'unknown',
): readonly Tensor[] {
  const since = node.domain === '' && Object.hasOwn(changed, node.type) ? changed[node.type]! : 0;
  if (version < since) {
    throw new OnnxError(`${node.type} "${node.name}" of operator set ${version} has another meaning in newer ones`);
  }
  if (node.outputs.length === 0) throw new OnnxError(`${node.type} "${node.name}" has no outputs`);
  const modern = modernForm(node, withoutTrailing(inputs));
  const given = modern.inputs.filter((input) => input !== undefined);
  const fallback = given[0]?.dtype ?? 'float32';
  const same = node.domain === '' && keepsShape.has(node.type) && given[0]?.hasShape ? given[0].shape : undefined;
  const as = node.outputs.map((_, i) => ({
    shape: declared[i]?.shape ?? same,
    dtype: declared[i]?.dtype ?? fallback,
  }));
  const operator: Operator<Attributes> = {
    type: node.type,
    set: { domain: node.domain, version: Math.max(version, node.domain === '' ? 20 : 1) },
    node: node.name,
    infer: () => as[0]!,
    onnx: (attributes) => ({
      attributes,
      absent: modern.inputs.flatMap((input, position) => (input ? [] : [position])),
      results: node.outputs.length,
    }),
    ...(slope === 'flat' && { gradient: ({ inputs: operands }) => operands.map(() => () => undefined) }),
  };
  const first = apply(operator, given, modern.attributes);
  return as.map((each, index) => (index === 0 ? first : first.result(index, each)));
}

/** Drops optional trailing inputs that are omitted by an empty name, because onnxruntime crashes on some of them. */
const withoutTrailing = (inputs: readonly (Tensor | undefined)[]) =>
  inputs.slice(0, inputs.findLastIndex((input) => input !== undefined) + 1);

/**
 * A declared shape with the size names of the file replaced by their values here. If the file fixes the batch at 1, a leading 1 is taken as the
 * batch.
 */
export const declaredShape = (
  shape: Shape | undefined,
  names: ReadonlyMap<string, Dimension>,
  batch: Dimension | undefined,
): Shape | undefined =>
  shape?.map((size, axis) => {
    if (axis === 0 && size === 1 && batch !== undefined) return batch;
    return typeof size === 'string' ? (names.get(size) ?? size) : size;
  });

/** The dtype of a result, and its shape if the operands determine it. */
type Result = readonly [dtype: DType, shape: Shape | undefined];

/**
 * A node as in the file, with known result dtypes and perhaps shapes. It has no derivative, unless it is flat: then small changes of its operands
 * change nothing.
 */
export const asWritten = (
  { node, version, inputs }: NodeUse,
  results: readonly Result[],
  slope: 'unknown' | 'flat' = 'unknown',
): readonly Tensor[] => {
  const declared = results.slice(0, node.outputs.length).map(([dtype, shape]) => ({ dtype, shape }));
  return passThrough(node, version, inputs, declared, slope);
};

/** Attributes that became inputs in newer operator sets, in the order of these inputs, starting at the second. */
const moved: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'].map((what) => [
      `Reduce${what}`,
      ['axes'],
    ]),
  ),
  Squeeze: ['axes'],
  Unsqueeze: ['axes'],
  Split: ['split'],
  Slice: ['starts', 'ends', 'axes'],
  Pad: ['pads', 'value'],
  Clip: ['min', 'max'],
  TopK: ['k'],
  Dropout: ['ratio'],
};

/** The operands and attributes of a node in the form of the newest operator set. */
function modernForm(
  { type, domain, attributes: own, outputs }: OnnxNode,
  inputs: readonly (Tensor | undefined)[],
): { readonly inputs: readonly (Tensor | undefined)[]; readonly attributes: Attributes } {
  const attributes = isEvenSplit(type, domain, own, inputs) ? { ...own, num_outputs: outputs.length } : own;
  const names = domain === '' && Object.hasOwn(moved, type) ? moved[type]! : [];
  if (!names.some((name) => name in attributes)) return { inputs, attributes };
  const added = names.map((name) => (name in attributes ? constant(asArray(attributes[name]!)) : undefined));
  const kept = Object.entries(attributes).filter(([name]) => !names.includes(name));
  return { inputs: [inputs[0], ...added], attributes: Object.fromEntries(kept) };
}

/** Newer operator sets require the number of equal parts. */
const isEvenSplit = (type: string, domain: string, { split }: Attributes, inputs: readonly unknown[]) =>
  domain === '' && type === 'Split' && split === undefined && !inputs[1];

/** `k` becomes a list of one and `axes` a list; a bound becomes a scalar. */
function asArray(value: AttributeValue): NDArray {
  if (typeof value === 'object' && 'float' in value) return arrayOf([value.float], [], 'float32');
  return int64([value as number | readonly number[]].flat());
}
