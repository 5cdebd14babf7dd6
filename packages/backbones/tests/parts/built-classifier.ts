import { type Backbone, type FaroutError } from '@farout/core';
import { onnxOperator, readOnnx, writeOnnx } from '@farout/onnx';
import { constant, input, type DType, type NDArray, type Shape, type Tensor } from '@farout/tensor';
import { onnx } from '../../src/index.ts';

export const side = 4;
export const nchw: Shape = ['batch', 3, side, side];
export const nhwc: Shape = ['batch', side, side, 3];

/** Three features and two classes. */
export const weight: NDArray = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
export const turned: NDArray = { data: Float32Array.of(1, 4, 2, 5, 3, 6), shape: [3, 2] };
export const kernel: NDArray = { data: weight.data, shape: [2, 3, 1, 1] };
export const bias: NDArray = { data: Float32Array.of(7, 8), shape: [2] };

export const halves: NDArray = { data: Float32Array.of(0.5, 0.5), shape: [2] };

export const pooled = (image: Tensor) => image.mean([2, 3]);
export const classify = (image: Tensor) => pooled(image).linear(constant(weight), constant(bias));
export const onnxNode = (type: string, inputs: readonly Tensor[], attributes = {}) =>
  onnxOperator(type, inputs, attributes)[0]!;

export type Outputs = Tensor | Readonly<Record<string, Tensor>>;

/** What says how it is read. */
interface Parameters {
  readonly output?: string;
  readonly features?: string;
  readonly head?: string;
  readonly normalise?: boolean;
  readonly scale?: number;
}

/** Opens a classifier or an encoder that is built here, written, and read back. */
export async function open(
  network: (image: Tensor) => Outputs,
  {
    shape = nchw,
    dtype,
    ...params
  }: { shape?: Shape; dtype?: DType; layout?: string; crop?: number } & Parameters = {},
): Promise<Backbone> {
  const result = network(input('image', shape, dtype));
  const outputs = 'origin' in result ? { result: result as Tensor } : (result as Record<string, Tensor>);
  const bytes = writeOnnx(outputs);
  return onnx.open(onnx.params.parse({ weights: 'a.onnx', crop: side, ...params }), {
    onnx: () => readOnnx(bytes),
    stateDict: () => Promise.reject(new Error('it is no checkpoint')),
  });
}

export const arrayOf = ({ origin }: Tensor) => (origin.kind === 'constant' ? origin.array : undefined);
export const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as FaroutError,
  );
