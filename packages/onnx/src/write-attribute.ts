import type { DType, NDArray } from '@farout/tensor';
import { type Attributes, type AttributeValue, elementType } from '@farout/tensor/graph';
import type { AttributeProto, TensorProto } from './onnx_pb.ts';

/** A message that is being made: only what is set. */
export type Init<T> = Omit<T, '$typeName' | '$unknown'>;

/** How ONNX numbers the kinds of attributes. */
export const attributeType = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 };

const utf8 = new TextEncoder();

export function writeAttribute([name, value]: [string, AttributeValue]): Partial<Init<AttributeProto>> {
  if (typeof value === 'number') return { name, type: attributeType.int, i: BigInt(value) };
  if (typeof value === 'string') return { name, type: attributeType.string, s: utf8.encode(value) };
  if ('float' in value) return { name, type: attributeType.float, f: value.float };
  if ('floats' in value) return { name, type: attributeType.floats, floats: [...value.floats] };
  if ('strings' in value) {
    return { name, type: attributeType.strings, strings: value.strings.map((text) => utf8.encode(text)) };
  }
  if ('tensor' in value) {
    return { name, type: attributeType.tensor, t: writeTensor(value.tensor, value.dtype) as TensorProto };
  }
  return { name, type: attributeType.ints, ints: value.map(BigInt) };
}

export const writeTensor = ({ data, shape }: NDArray, dtype: DType): Partial<Init<TensorProto>> => ({
  dims: shape.map(BigInt),
  dataType: elementType[dtype],
  rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

/** A text that is equal for equal settings. JSON has neither −0 nor what is not finite. */
export const attributeKey = (attributes: Attributes, arrayKey: (array: NDArray, dtype: DType) => string): string =>
  JSON.stringify(attributes, (_, value: unknown) => {
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value);
    return isTensor(value) ? arrayKey(value.tensor, value.dtype) : value;
  });

const isTensor = (value: unknown): value is { tensor: NDArray; dtype: DType } =>
  typeof value === 'object' && value !== null && 'tensor' in value;
