import type { NDArray, Tensor } from '@farout/tensor';

/** y = x · weightᵀ + bias */
export interface LinearLayer {
  /** x */
  readonly features: Tensor;
  /** The feature axis of x; negative from the end. */
  readonly axis: number;
  /** (K, D), float32 */
  readonly weight: NDArray;
  /** (K) or (1) */
  readonly bias: NDArray;
}

type Attributes = Readonly<Record<string, unknown>>;

/** The linear layer that produced a tensor, if its weights are constant: Gemm, MatMul, or a 1 × 1 convolution. */
export function linearLayer({ origin }: Tensor): LinearLayer | undefined {
  if (origin.kind !== 'operation' || (origin.operator.set?.domain ?? '') !== '') return undefined;
  const { operator, inputs } = origin;
  const read = Object.hasOwn(readers, operator.type) ? readers[operator.type] : undefined;
  // An operator that is not from a file is PyTorch's linear layer.
  const attributes =
    operator.node === undefined ? { transB: 1, ...(origin.attributes as Attributes) } : origin.attributes;
  const [weight, bias] = [constantOf(inputs[1]), inputs[2] ? constantOf(inputs[2]) : noBias];
  return weight && bias && read?.(inputs[0]!, { weight, bias }, attributes as Attributes);
}

const noBias: NDArray = { data: new Float32Array(1), shape: [1] };

type Numbers = Pick<LinearLayer, 'weight' | 'bias'>;
type Reader = (features: Tensor, numbers: Numbers, attributes: Attributes) => LinearLayer | undefined;

const readers: Readonly<Record<string, Reader>> = {
  MatMul: (features, { weight, bias }) => layer(features, -1, turned(weight), bias),
  Gemm: (features, { weight, bias }, { transA = 0, transB = 0, alpha, beta }) => {
    if (transA !== 0) return undefined;
    return layer(features, -1, times(transB === 1 ? weight : turned(weight), alpha), times(bias, beta));
  },
  Conv: (features, { weight: { data, shape }, bias }, { group = 1, pads = [], strides = [] }) => {
    const [classes, width, ...kernel] = shape;
    const plain = group === 1 && allAre(0, pads) && allAre(1, strides) && allAre(1, kernel);
    return plain && width !== undefined ? layer(features, 1, { data, shape: [classes!, width] }, bias) : undefined;
  },
};

const allAre = (wanted: number, settings: unknown) =>
  Array.isArray(settings) && settings.every((setting) => setting === wanted);

/** A bias with one element applies to all classes. */
function layer(features: Tensor, axis: number, weight: NDArray | undefined, bias: NDArray | undefined) {
  const fits = weight?.data instanceof Float32Array && weight.shape.length === 2 && bias !== undefined;
  if (!fits || (bias.data.length !== 1 && bias.data.length !== weight.shape[0])) return undefined;
  return { features, axis, weight, bias };
}

function times(array: NDArray | undefined, factor: unknown): NDArray | undefined {
  const { float = 1 } = (factor ?? {}) as { readonly float?: number };
  if (!array || float === 1) return array;
  return { ...array, data: Float32Array.from(array.data as Float32Array, (value) => value * float) };
}

/** The array of a constant, or of a transposed constant. */
export function constantOf(tensor: Tensor | undefined): NDArray | undefined {
  if (tensor?.origin.kind === 'constant') return tensor.origin.array;
  if (tensor?.origin.kind !== 'operation') return undefined;
  const { operator, inputs, attributes } = tensor.origin;
  const array = constantOf(inputs[0]);
  if (['Reshape', 'Unsqueeze'].includes(operator.type)) return array && { ...array, shape: tensor.shape as number[] };
  const { perm } = attributes as { perm?: readonly number[] };
  return operator.type === 'Transpose' && perm?.join() === '1,0' ? turned(array) : undefined;
}

/** (D, K) → (K, D) */
function turned(array: NDArray | undefined): NDArray | undefined {
  if (array?.shape.length !== 2 || !(array.data instanceof Float32Array)) return undefined;
  const { data, shape } = array;
  const [rows, columns] = shape as [number, number];
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column]!;
  }
  return { data: result, shape: [columns, rows] };
}
