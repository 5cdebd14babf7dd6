import type { NDArray, OnnxNode } from '@farout/tensor';

/** y = x · weightᵀ + bias, as a node of a graph has it. */
export interface LinearLayer {
  /** The tensor that it reads. */
  readonly features: string;
  /** The axis of that tensor along which the features lie; negative from the end. */
  readonly axis: number;
  /** (K, D), float32 */
  readonly weight: NDArray;
  /** (K) */
  readonly bias: Float32Array;
}

type Constants = ReadonlyMap<string, NDArray>;

/** The linear layer that a node is, if it is one with constant weights: Gemm, MatMul, or a 1 × 1 convolution. */
export function linearLayer(node: OnnxNode, constants: Constants): LinearLayer | undefined {
  const read = Object.hasOwn(readers, node.type) && node.domain === '' ? readers[node.type] : undefined;
  const weight = constants.get(node.inputs[1] ?? '');
  if (!read || !(weight?.data instanceof Float32Array)) return undefined;
  const bias = node.inputs[2] ? constants.get(node.inputs[2]) : { data: new Float32Array(1), shape: [] };
  return bias && read(node, weight, bias);
}

type Reader = (node: OnnxNode, weight: NDArray, bias: NDArray) => LinearLayer | undefined;

const readers: Readonly<Record<string, Reader>> = {
  MatMul: ({ inputs: [features] }, weight, bias) => layer(features!, -1, transposed(weight), bias),
  Gemm: (node, weight, bias) => {
    const { transA = 0, transB = 0 } = node.attributes;
    if (transA !== 0) return undefined;
    const turned = transB === 1 ? weight : transposed(weight);
    const scaled = scale(turned, float(node, 'alpha'));
    return layer(node.inputs[0]!, -1, scaled, scale(bias, float(node, 'beta')));
  },
  Conv: (node, weight, bias) => {
    const [classes, width, ...kernel] = weight.shape;
    const { group = 1, pads = [], strides = [] } = node.attributes;
    if (width === undefined || group !== 1 || !allAre(0, pads) || !allAre(1, strides) || !allAre(1, kernel))
      return undefined;
    return layer(node.inputs[0]!, 1, { data: weight.data, shape: [classes!, width] }, bias);
  },
};

const allAre = (wanted: number, settings: unknown) =>
  Array.isArray(settings) && settings.every((setting) => setting === wanted);

/** A bias of one element goes for all classes. */
function layer(features: string, axis: number, weight: NDArray, { data }: NDArray): LinearLayer | undefined {
  const [classes] = weight.shape;
  if (weight.shape.length !== 2 || (data.length !== 1 && data.length !== classes)) return undefined;
  const bias = Float32Array.from({ length: classes! }, (_, k) => Number(data[data.length === 1 ? 0 : k]));
  return { features, axis, weight, bias };
}

function float({ attributes }: OnnxNode, name: string): number {
  const value = attributes[name];
  return typeof value === 'object' && 'float' in value ? value.float : 1;
}

const scale = (array: NDArray, factor: number): NDArray =>
  factor === 1 ? array : { ...array, data: Float32Array.from(array.data as Float32Array, (value) => value * factor) };

/** (D, K) → (K, D) */
function transposed({ data, shape }: NDArray): NDArray {
  const [rows, columns] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = data[row * columns + column] as number;
  }
  return { data: turned, shape: [columns, rows] };
}
