import './without-telemetry.ts';
import * as ort from '#onnxruntime';

/** A session to be opened. */
export interface Opening {
  /** The bytes of an ONNX model, or the path of its file. */
  readonly model: Uint8Array | string;
  readonly options: ort.InferenceSession.SessionOptions;
}

/** A tensor as it goes from process to process. */
export type PlainTensor = Pick<ort.Tensor, 'type' | 'data' | 'dims'>;

/** Tensors by name. */
export type PlainTensors = Readonly<Record<string, PlainTensor>>;

/** The element type of an input, and its sizes where the model says them; other sizes are their names. */
export type PlainInput = Pick<ort.InferenceSession.TensorValueMetadata, 'type' | 'shape'>;

/** A session of onnxruntime, here or in another process; one request at a time. Errors are in onnxruntime's words. */
export interface PlainSession {
  /** What its inputs take, by their names. */
  readonly inputs: Readonly<Record<string, PlainInput>>;
  readonly outputNames: readonly string[];
  readonly run: (feeds: PlainTensors) => Promise<PlainTensors>;
  readonly release: () => Promise<void>;
}

/** Opens a session in this process. */
export async function openHere({ model, options }: Opening): Promise<PlainSession> {
  const session = await ort.InferenceSession.create(model as string, options);
  return {
    inputs: Object.fromEntries(
      session.inputMetadata.flatMap((input) =>
        input.isTensor ? [[input.name, { type: input.type, shape: [...input.shape] }]] : [],
      ),
    ),
    outputNames: session.outputNames,
    run: async (feeds) => each(await session.run(each(feeds, toOrt)), toPlain),
    release: () => session.release(),
  };
}

const each = <A, B>(tensors: Readonly<Record<string, A>>, change: (tensor: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));

const toOrt = ({ type, data, dims }: PlainTensor) => new ort.Tensor(type, aligned(data), dims);

/** Bytes in a vector register. onnxruntime reads arrays where they lie, and reduces in vectors that begin at multiples of it. */
const alignment = 16;

/** A view that begins elsewhere in its buffer becomes an array of its own, so that the same numbers give the same sums. */
const aligned = (data: PlainTensor['data']) =>
  ArrayBuffer.isView(data) && data.byteOffset % alignment !== 0 ? data.slice() : data;

const toPlain = ({ type, data, dims }: ort.OnnxValue): PlainTensor => ({
  type,
  data: type === 'float16' ? bitsOf(data as Uint16Array) : data,
  dims: [...dims],
});

/** Newer versions of Node have arrays of float16, which older ones cannot receive. */
const bitsOf = ({ buffer, byteOffset, length }: Uint16Array) => new Uint16Array(buffer, byteOffset, length);
