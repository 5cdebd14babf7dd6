import { constant, foldBatchNorm, TensorError, type NDArray, type Tensor, type TypedArray } from '@farout/tensor';
import { arrayOf } from '@farout/tensor/graph';
import { importers } from './import/index.ts';
import { knownConstant, NodeUse, type GraphSoFar, type OnnxNode } from './nodes.ts';
import { OnnxError } from './onnx-error.ts';

/** Operators that change only the layout or dtype of a constant. */
const folded = new Set(['Identity', 'Cast', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten']);

/**
 * Removes nodes that are constants or only change the layout of one, and returns the others. Done once, when the file is read, so weights exist
 * only once however often the graph is applied.
 */
export function foldConstants(
  nodes: readonly OnnxNode[],
  version: number,
  constants: Map<string, Tensor>,
): readonly OnnxNode[] {
  return nodes.filter((node) => {
    const [output] = node.outputs;
    const value = output !== undefined && node.domain === '' ? constantOf(node, version, constants) : undefined;
    if (value) constants.set(output!, value);
    return value === undefined;
  });
}

function constantOf(node: OnnxNode, version: number, constants: ReadonlyMap<string, Tensor>): Tensor | undefined {
  if (node.type === 'Constant') return valueOf(node);
  const inputs = node.inputs.map((name) => constants.get(name));
  if (!folded.has(node.type) || inputs.length === 0 || inputs.includes(undefined)) return undefined;
  return settle(importOne(new NodeUse(node, version, inputs, constantsOnly)));
}

/** A node that does not fit is left in place, and reported when the graph is applied. */
function importOne(use: NodeUse): Tensor | undefined {
  try {
    return [importers.get(use.node.type)!(use)].flat()[0];
  } catch (error) {
    if (error instanceof TensorError) return undefined;
    throw error;
  }
}

const constantsOnly: GraphSoFar = {
  known: knownConstant,
  rebatched: false,
  sizes: () => {
    throw new OnnxError('a constant has no named sizes');
  },
};

/** The value of a Constant node, in any of its forms. */
function valueOf({ name, attributes }: OnnxNode): Tensor {
  const { value, value_int, value_ints, value_float, value_floats } = attributes;
  if (typeof value === 'object' && 'tensor' in value) return constant(value.tensor, name, value.dtype);
  if (typeof value_int === 'number') return constant(arrayOf([value_int], [], 'int64'));
  if (Array.isArray(value_ints)) return constant(arrayOf(value_ints as number[], [value_ints.length], 'int64'));
  if (typeof value_float === 'object' && 'float' in value_float) {
    return constant(arrayOf([value_float.float], [], 'float32'));
  }
  if (typeof value_floats === 'object' && 'floats' in value_floats) {
    return constant(arrayOf(value_floats.floats, [value_floats.floats.length], 'float32'));
  }
  throw new OnnxError(`the constant "${name}" is of a kind that is not supported`);
}

/** Computes a constant in its new layout; undefined if more computation would be needed. */
function settle(tensor: Tensor | undefined): Tensor | undefined {
  if (tensor?.origin.kind !== 'operation') return tensor;
  const { operator, inputs, attributes } = tensor.origin;
  const [x] = inputs;
  if (x?.origin.kind !== 'constant') return undefined;
  const { array, name } = x.origin;
  const shape = tensor.shape as readonly number[];
  switch (operator.type) {
    case 'Reshape':
    case 'Unsqueeze':
      return constant({ data: array.data, shape }, name, tensor.dtype);
    case 'Transpose':
      return constant(
        { data: permuted(array, (attributes as { perm: readonly number[] }).perm), shape },
        name,
        x.dtype,
      );
    default:
      return undefined;
  }
}

/** Transposes: axis i of the result is the old axis perm[i]. */
export function permuted({ data, shape }: NDArray, perm: readonly number[]): TypedArray {
  const result = data.slice();
  const strides = perm.map((axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = perm.map((axis) => shape[axis]!);
  const index = sizes.map(() => 0);
  for (let to = 0, from = 0; to < data.length; to++) {
    result[to] = data[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      from -= strides[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/**
 * Folds batch normalisations into the weights of the preceding convolutions, if all parameters are float32 constants and nothing else reads the
 * output of the convolution. The original convolution stays available by name; a graph that does not use it is written without it.
 */
export function foldNorms(
  nodes: readonly OnnxNode[],
  outputs: readonly string[],
  constants: Map<string, Tensor>,
): readonly OnnxNode[] {
  const readers = countReaders(nodes, outputs);
  const convolutions = new Map(
    nodes.flatMap((node) => (node.type === 'Conv' ? [[node.outputs[0]!, node] as const] : [])),
  );
  const replaced = new Map<OnnxNode, OnnxNode>();
  for (const norm of nodes) {
    const conv = norm.type === 'BatchNormalization' ? convolutions.get(norm.inputs[0]!) : undefined;
    const folded = conv && readers.get(conv.outputs[0]!) === 1 ? fold(conv, norm, constants) : undefined;
    if (folded) replaced.set(norm, folded);
  }
  return nodes.map((node) => replaced.get(node) ?? node);
}

function countReaders(nodes: readonly OnnxNode[], outputs: readonly string[]): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs]) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  return readers;
}

/** The folded convolution; undefined if the two cannot be folded. */
function fold(conv: OnnxNode, norm: OnnxNode, constants: Map<string, Tensor>): OnnxNode | undefined {
  const names = [conv.inputs[1]!, ...norm.inputs.slice(1, 5), ...(conv.inputs[2] ? [conv.inputs[2]] : [])];
  const found = names.map((name) => constants.get(name));
  if (norm.outputs.length > 1 || !found.every((tensor) => tensor?.dtype === 'float32')) return undefined;
  const [weight, scale, shift, mean, variance, bias] = found as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor?];
  const { epsilon } = norm.attributes;
  const folded = foldBatchNorm(weight, {
    scale,
    shift,
    mean: bias ? less(mean, bias) : mean,
    variance,
    epsilon: typeof epsilon === 'object' && 'float' in epsilon ? epsilon.float : 1e-5,
  });
  // Output names are never names of constants, so these names are free.
  const [w, b] = [`${norm.outputs[0]!} weight`, `${norm.outputs[0]!} bias`];
  constants.set(w, folded.weight).set(b, folded.bias);
  return { ...conv, inputs: [conv.inputs[0]!, w, b], outputs: norm.outputs, folded: true };
}

/** μ − b: a bias before a normalisation moves its mean. */
function less(mean: Tensor, bias: Tensor): Tensor {
  const [m, b] = [mean, bias].map(({ origin }) =>
    origin.kind === 'constant' ? [...origin.array.data].map(Number) : [],
  );
  return constant(
    arrayOf(
      m!.map((value, i) => value - b![i]!),
      [m!.length],
      'float32',
    ),
  );
}
