import type { Dimension, DType, Shape, Tensor } from '@farout/tensor';
import { apply, type Attributes, type Operator } from '@farout/tensor/graph';
import { modernForm } from './modern-form.ts';
import { OnnxError } from './onnx-error.ts';
import type { OnnxNode } from './onnx-node.ts';

/** What the file says of a value; a shape that it does not say is undefined. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: Shape | undefined;
  readonly dtype: DType | undefined;
}

/**
 * The version of ONNX's own operator sets since which operators mean what they mean in the set that is written. An older
 * node of one of them is not carried along by its name; those whose settings became inputs are (see modern-form.ts).
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
    throw new OnnxError(`${node.type} "${node.name}" of operator set ${version} means something else in newer ones`);
  }
  if (node.outputs.length === 0) throw new OnnxError(`${node.type} "${node.name}" gives nothing`);
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
