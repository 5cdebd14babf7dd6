import './without-telemetry.ts';
import * as ort from '#onnxruntime';

/** A session to be opened. */
export interface Opening {
  /** The bytes of an ONNX model, or the path of its file. */
  readonly model: Uint8Array | string;
  readonly options: ort.InferenceSession.SessionOptions;
}

/** A tensor that can be sent between processes. */
export type PlainTensor = Pick<ort.Tensor, 'type' | 'data' | 'dims'>;

/** Tensors by name. */
export type PlainTensors = Readonly<Record<string, PlainTensor>>;

/** The element type and shape of an input; sizes that the model leaves open are names. */
export type PlainInput = Pick<ort.InferenceSession.TensorValueMetadata, 'type' | 'shape'>;

/** An onnxruntime session, in this or another process; one request at a time. Errors carry onnxruntime's message. */
export interface PlainSession {
  /** The inputs, by name. */
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

/** Bytes of a vector register. onnxruntime reads arrays in place, and reduces in vectors aligned to this size. */
const alignment = 16;

/** Copies a view that is not aligned in its buffer, so the same numbers always give the same sums. */
const aligned = (data: PlainTensor['data']) =>
  ArrayBuffer.isView(data) && data.byteOffset % alignment !== 0 ? data.slice() : data;

const toPlain = ({ type, data, dims }: ort.OnnxValue): PlainTensor => ({
  type,
  data: type === 'float16' ? bitsOf(data as Uint16Array) : data,
  dims: [...dims],
});

/** The bits of a Float16Array, which newer versions of Node have and older ones cannot receive. */
const bitsOf = ({ buffer, byteOffset, length }: Uint16Array) => new Uint16Array(buffer, byteOffset, length);
