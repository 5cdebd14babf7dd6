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

/** What the file says of a value; a shape that it does not say is undefined. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: Shape | undefined;
  readonly dtype: DType | undefined;
}

/**
 * The version of ONNX's own operator sets since which operators mean what they mean in the set that is written. An older
 * node of one of them is not carried along by its name; those whose settings became inputs are (see `modernForm`).
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

/** What gives a result of the shape of its first input. */
const keepsShape = new Set([
  ...[
    'ScatterND',
    'ScatterElements',
    'CumSum',
    'Trilu',
    'Not',
    'IsNaN',
    'Hardmax',
    'ThresholdedRelu',
    'Celu',
    'Shrink',
  ],
  ...['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'QuantizeLinear', 'DequantizeLinear'],
]);

/**
 * A node that is known by its name alone: it runs as the file has it and has no derivative, unless its result is known to be
 * flat. Its shapes are what `declared` says of its outputs, and may be unknown.
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

/** An optional input at the end that is left out by an empty name may as well not be said; onnxruntime crashes on some. */
const withoutTrailing = (inputs: readonly (Tensor | undefined)[]) =>
  inputs.slice(0, inputs.findLastIndex((input) => input !== undefined) + 1);

/**
 * A declared shape with the names of the file's inputs replaced by what they stand for here. Where the file fixes the batch
 * at 1, a leading 1 is taken for the batch.
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

/** What a result is: its dtype, and its shape where the operands decide it. */
type Result = readonly [dtype: DType, shape: Shape | undefined];

/**
 * A node as the file has it, with results of which more is known than its operator's name. It has no derivative, unless it is
 * flat: then nothing changes with small changes of its operands.
 */
export const asWritten = (
  { node, version, inputs }: NodeUse,
  results: readonly Result[],
  slope: 'unknown' | 'flat' = 'unknown',
): readonly Tensor[] => {
  const declared = results.slice(0, node.outputs.length).map(([dtype, shape]) => ({ dtype, shape }));
  return passThrough(node, version, inputs, declared, slope);
};

/** Attributes that became inputs in newer operator sets, in the order of these inputs, which begin at the second. */
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

/** A node's operands and attributes in the form that the newest operator set wants. */
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

/** Newer operator sets want to be told into how many equal parts. */
const isEvenSplit = (type: string, domain: string, { split }: Attributes, inputs: readonly unknown[]) =>
  domain === '' && type === 'Split' && split === undefined && !inputs[1];

/** `k` is a list of one, as `axes` are of several; a bound is a scalar. */
function asArray(value: AttributeValue): NDArray {
  if (typeof value === 'object' && 'float' in value) return arrayOf([value.float], [], 'float32');
  return int64([value as number | readonly number[]].flat());
}
