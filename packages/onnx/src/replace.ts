import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { dtypeOf, type NDArray } from '@farout/tensor';
import { elementType } from '@farout/tensor/graph';
import { writeTensor } from './encoding.ts';
import { OnnxError } from './onnx-error.ts';
import { ModelProtoSchema, StringStringEntryProtoSchema, type ModelProto, type TensorProto } from './onnx_pb.ts';

/** What takes the place of something in a model. */
export interface OnnxReplacements {
  /** Numbers by the names of the model's constants, of the same type and shape. */
  readonly constants?: Readonly<Record<string, NDArray>>;
  /** Texts by name; one that the model has not is added. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The model with other constants or other texts about itself; all else in it is kept. The same bytes and replacements always give the
 * same bytes.
 *
 * @throws OnnxError when the bytes are no ONNX model, or it has no such constant.
 */
export function replaceInOnnx(bytes: Uint8Array, { constants = {}, metadata = {} }: OnnxReplacements): Uint8Array {
  const model = decode(bytes);
  for (const [name, array] of Object.entries(constants)) replaceConstant(constantOf(model, name), array);
  for (const [key, value] of Object.entries(metadata)) {
    const known = model.metadataProps.find((each) => each.key === key);
    if (known) known.value = value;
    else model.metadataProps.push(create(StringStringEntryProtoSchema, { key, value }));
  }
  return toBinary(ModelProtoSchema, model);
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new OnnxError('it is no ONNX model', { cause });
  }
}

function constantOf({ graph }: ModelProto, name: string): TensorProto {
  const [tensor, another] = graph?.initializer.filter((each) => each.name === name) ?? [];
  if (tensor && !another) return tensor;
  throw new OnnxError(`it has ${tensor ? 'several constants' : 'no constant'} "${name}"`);
}

/** Numbers in another file stay as they are: they are not this model's. */
function replaceConstant(tensor: TensorProto, array: NDArray): void {
  const dtype = dtypeOf(array.data);
  const isAlike = tensor.dataType === elementType[dtype] && tensor.dims.map(Number).join() === array.shape.join();
  if (!isAlike || tensor.dataLocation === 1)
    throw new OnnxError(`the constant "${tensor.name}" is not ${dtype} (${array.shape.join(', ')})`);
  Object.assign(tensor, { floatData: [], doubleData: [], int32Data: [], int64Data: [], uint64Data: [] });
  Object.assign(tensor, writeTensor(array, dtype));
}
