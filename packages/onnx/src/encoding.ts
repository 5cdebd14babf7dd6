import {
  constant,
  fromFloat16,
  toFloat16,
  type Attributes,
  type AttributeValue,
  type DType,
  type NDArray,
  type Tensor,
  type TypedArray,
} from '@farout/tensor';
import { elementType, fromBfloat16 } from '@farout/tensor/graph';
import { OnnxError } from './onnx-error.ts';
import type { AttributeProto, TensorProto } from './onnx_pb.ts';

/** Reads bytes of a file next to the model. The host implements it, and refuses files it must not read. */
export type ReadExternal = (file: string, offset: number, length: number) => Promise<Uint8Array>;

/** Whether an ONNX element type is half precision (float16 or bfloat16), which is read as single precision. */
export const isHalf = (type: number): boolean => type === 10 || type === 16;

/** The dtype for an ONNX element type; undefined if there is none. */
export function dtypeFor(type: number): DType | undefined {
  if (isHalf(type)) return 'float32';
  return (Object.keys(elementType) as DType[]).find((dtype) => elementType[dtype] === type);
}

/** How the elements of an ONNX type are stored: as raw bytes, or as numbers in a separate field. */
interface Encoding {
  readonly bytes: number;
  readonly fromRaw: (buffer: ArrayBuffer, offset: number, count: number) => TypedArray;
  readonly fromField: (proto: TensorProto) => TypedArray;
}

const halves = (bytes: ArrayBuffer, offset: number, count: number) => new Uint16Array(bytes, offset, count);

/** By TensorProto.DataType. */
const encodings: Readonly<Record<number, Encoding>> = {
  1: { bytes: 4, fromRaw: (...at) => new Float32Array(...at), fromField: (t) => Float32Array.from(t.floatData) },
  2: { bytes: 1, fromRaw: (...at) => new Uint8Array(...at), fromField: (t) => Uint8Array.from(t.int32Data) },
  3: { bytes: 1, fromRaw: (...at) => new Int8Array(...at), fromField: (t) => Int8Array.from(t.int32Data) },
  4: { bytes: 2, fromRaw: (...at) => new Uint16Array(...at), fromField: (t) => Uint16Array.from(t.int32Data) },
  5: { bytes: 2, fromRaw: (...at) => new Int16Array(...at), fromField: (t) => Int16Array.from(t.int32Data) },
  6: { bytes: 4, fromRaw: (...at) => new Int32Array(...at), fromField: (t) => Int32Array.from(t.int32Data) },
  7: { bytes: 8, fromRaw: (...at) => new BigInt64Array(...at), fromField: (t) => BigInt64Array.from(t.int64Data) },
  9: { bytes: 1, fromRaw: (...at) => new Uint8Array(...at), fromField: (t) => Uint8Array.from(t.int32Data) },
  10: {
    bytes: 2,
    fromRaw: (...at) => fromFloat16(halves(...at)),
    fromField: (t) => fromFloat16(Uint16Array.from(t.int32Data)),
  },
  11: { bytes: 8, fromRaw: (...at) => new Float64Array(...at), fromField: (t) => Float64Array.from(t.doubleData) },
  12: {
    bytes: 4,
    fromRaw: (...at) => new Uint32Array(...at),
    fromField: (t) => Uint32Array.from(t.uint64Data, Number),
  },
  13: { bytes: 8, fromRaw: (...at) => new BigUint64Array(...at), fromField: (t) => BigUint64Array.from(t.uint64Data) },
  16: {
    bytes: 2,
    fromRaw: (...at) => fromBfloat16(halves(...at)),
    fromField: (t) => fromBfloat16(Uint16Array.from(t.int32Data)),
  },
};

/** Reads a tensor stored in the model itself. */
export function readTensor(proto: TensorProto): Tensor {
  if (proto.dataLocation === 1) throw new OnnxError(`the tensor "${proto.name}" must not be in another file`);
  return makeConstant(proto, proto.rawData);
}

/** Reads a tensor stored in the model or in a file next to it. */
export async function readInitializer(proto: TensorProto, external: ReadExternal): Promise<Tensor> {
  if (proto.dataLocation !== 1) return readTensor(proto);
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const file = entries.get('location') ?? '';
  const wanted = countOf(proto) * encodingOf(proto).bytes;
  const [offset, length] = [entries.get('offset') ?? '0', entries.get('length') ?? String(wanted)].map(Number);
  if (!file || !Number.isSafeInteger(offset) || offset! < 0 || length !== wanted) {
    throw new OnnxError(`the tensor "${proto.name}" does not say where its ${wanted} bytes are in "${file}"`);
  }
  return makeConstant(proto, await external(file, offset!, wanted));
}

function makeConstant(proto: TensorProto, raw: Uint8Array): Tensor {
  const encoding = encodingOf(proto);
  const count = countOf(proto);
  const data = raw.length > 0 ? fromBytes(raw, encoding, count) : encoding.fromField(proto);
  if (data?.length !== count) {
    throw new OnnxError(`the tensor "${proto.name}" has a different number of elements than its shape`);
  }
  const array: NDArray = { data, shape: proto.dims.map(Number) };
  return constant(array, proto.name, dtypeFor(proto.dataType));
}

function fromBytes(raw: Uint8Array, { bytes, fromRaw }: Encoding, count: number): TypedArray | undefined {
  if (raw.length !== count * bytes) return undefined;
  // A typed array must start at a multiple of its element size.
  const own = raw.byteOffset % bytes === 0 ? raw : new Uint8Array(raw);
  return fromRaw(own.buffer as ArrayBuffer, own.byteOffset, count);
}

function encodingOf({ name, dataType }: TensorProto): Encoding {
  const encoding = encodings[dataType];
  if (encoding) return encoding;
  throw new OnnxError(`the tensor "${name}" has elements of ONNX's type ${dataType}, which is not supported`);
}

function countOf({ name, dims }: TensorProto): number {
  const count = dims.reduce((product, size) => product * Number(size), 1);
  if (dims.every((size) => size >= 0n) && Number.isSafeInteger(count)) return count;
  throw new OnnxError(`the tensor "${name}" has the shape (${dims.join(', ')})`);
}

/** A message under construction: only the fields that are set. */
type Init<T> = Omit<T, '$typeName' | '$unknown'>;

export const writeTensor = ({ data, shape }: NDArray, dtype: DType): Partial<Init<TensorProto>> => ({
  dims: shape.map(BigInt),
  dataType: elementType[dtype],
  rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

/** Rounds float32 numbers to float16. */
export const writeHalf = ({ data, shape }: NDArray): Partial<Init<TensorProto>> => {
  const halves = toFloat16(data as Float32Array);
  return { dims: shape.map(BigInt), dataType: 10, rawData: new Uint8Array(halves.buffer) };
};

/** ONNX's numbers of attribute kinds. */
export const attributeType = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 };

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

export function writeAttribute([name, value]: [string, AttributeValue]): Partial<Init<AttributeProto>> {
  if (typeof value === 'number') return { name, type: attributeType.int, i: BigInt(value) };
  if (typeof value === 'string') return { name, type: attributeType.string, s: encoder.encode(value) };
  if ('float' in value) return { name, type: attributeType.float, f: value.float };
  if ('floats' in value) return { name, type: attributeType.floats, floats: [...value.floats] };
  if ('strings' in value) {
    return { name, type: attributeType.strings, strings: value.strings.map((text) => encoder.encode(text)) };
  }
  if ('tensor' in value) {
    return { name, type: attributeType.tensor, t: writeTensor(value.tensor, value.dtype) as TensorProto };
  }
  return { name, type: attributeType.ints, ints: value.map(BigInt) };
}

/** Reads an attribute; errors name the node. */
export function readAttribute(proto: AttributeProto, node: string): AttributeValue {
  const kind = proto.type || kindOf(proto);
  switch (kind) {
    case attributeType.float:
      return { float: proto.f };
    case attributeType.int:
      return whole(proto.i);
    case attributeType.string:
      return decoder.decode(proto.s);
    case attributeType.tensor:
      return tensorOf(proto);
    case attributeType.floats:
      return { floats: proto.floats };
    case attributeType.ints:
      return proto.ints.map(whole);
    case attributeType.strings:
      return { strings: proto.strings.map((bytes) => decoder.decode(bytes)) };
    default:
      throw new OnnxError(`the node ${node} has an attribute "${proto.name}" of a kind that is not supported`);
  }
}

/** Old writers omit the kind. */
function kindOf(proto: AttributeProto): number {
  if (proto.ints.length > 0) return attributeType.ints;
  if (proto.floats.length > 0) return attributeType.floats;
  if (proto.strings.length > 0) return attributeType.strings;
  if (proto.t) return attributeType.tensor;
  if (proto.s.length > 0) return attributeType.string;
  return proto.f === 0 ? attributeType.int : attributeType.float;
}

function tensorOf({ t }: AttributeProto): AttributeValue {
  const { origin, dtype } = readTensor(t!);
  return { tensor: (origin as Extract<typeof origin, { kind: 'constant' }>).array, dtype };
}

/** Converts an int64 to a number. One out of range can only mean "to the end", and becomes the nearest safe number. */
export const whole = (value: bigint): number =>
  Math.min(Math.max(Number(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

/** A text that is equal for equal attributes. JSON can represent neither −0 nor non-finite numbers. */
export const attributeKey = (attributes: Attributes, arrayKey: (array: NDArray, dtype: DType) => string): string =>
  JSON.stringify(attributes, (_, value: unknown) => {
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value);
    return isTensor(value) ? arrayKey(value.tensor, value.dtype) : value;
  });

const isTensor = (value: unknown): value is { tensor: NDArray; dtype: DType } =>
  typeof value === 'object' && value !== null && 'tensor' in value;
