import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { dtypeOf, type Attributes, type NDArray } from '@farout/tensor';
import { elementType } from '@farout/tensor/graph';
import { writeAttribute, writeTensor } from './encoding.ts';
import { OnnxError } from './onnx-error.ts';
import {
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
  type AttributeProto,
  type ModelProto,
  type TensorProto,
} from './onnx_pb.ts';

/** Replacements in a model. */
export interface OnnxReplacements {
  /** New values by constant name, of the same type and shape. */
  readonly constants?: Readonly<Record<string, NDArray>>;
  /** Metadata texts by name; new names are added. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Replaces constants or metadata of a model; everything else is kept. The same bytes and replacements always give the same bytes.
 *
 * @throws OnnxError when the bytes are not an ONNX model, or a constant is missing.
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

/** A table of numbers that replaces a single number. */
export interface OnnxTable {
  /** The constant to replace, a float32 number. */
  readonly constant: string;
  /** The name of the table, a constant of shape (K) that `replaceInOnnx` can replace. */
  readonly name: string;
  readonly values: Float32Array;
  /** A value of the model, (N, K): each row uses the number at its largest element, the first of equal ones. */
  readonly by: string;
}

/**
 * Replaces a constant of a model by numbers from a table, (N, 1).
 *
 * @throws OnnxError when the bytes are not an ONNX model, the constant is missing, or the value is not computed before the constant is used.
 */
export function tableInOnnx(bytes: Uint8Array, { constant, name, values, by }: OnnxTable): Uint8Array {
  const model = decode(bytes);
  const single = constantOf(model, constant);
  const { node, initializer } = model.graph!;
  const first = node.findIndex(({ input }) => input.includes(constant));
  const isKnown = node.slice(0, Math.max(first, 0)).some(({ output }) => output.includes(by));
  const [largest, number] = [`${name}.largest`, `${name}.number`];
  const isTaken = node.some(({ output }) => output.includes(largest) || output.includes(number));
  if (!isKnown || isTaken) throw new OnnxError(`"${constant}" cannot be chosen by "${by}"`);
  for (const each of node) each.input = each.input.map((input) => (input === constant ? number : input));
  node.splice(
    first,
    0,
    nodeOf('ArgMax', [by], largest, { axis: 1, keepdims: 1 }),
    nodeOf('Gather', [name, largest], number, { axis: 0 }),
  );
  const array = { data: values, shape: [values.length] };
  const table = create(TensorProtoSchema, { name, ...writeTensor(array, 'float32') });
  initializer.splice(initializer.indexOf(single), 1, table);
  return toBinary(ModelProtoSchema, model);
}

const nodeOf = (opType: string, input: string[], output: string, attributes: Attributes) =>
  create(NodeProtoSchema, {
    ...{ opType, input, output: [output], name: output },
    attribute: Object.entries(attributes).map(writeAttribute) as AttributeProto[],
  });

function decode(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new OnnxError('it is not an ONNX model', { cause });
  }
}

function constantOf({ graph }: ModelProto, name: string): TensorProto {
  const [tensor, another] = graph?.initializer.filter((each) => each.name === name) ?? [];
  if (tensor && !another) return tensor;
  throw new OnnxError(`it has ${tensor ? 'several constants' : 'no constant'} "${name}"`);
}

/** Data in another file cannot be replaced: it is not part of these bytes. */
function replaceConstant(tensor: TensorProto, array: NDArray): void {
  const dtype = dtypeOf(array.data);
  const isAlike = tensor.dataType === elementType[dtype] && tensor.dims.map(Number).join() === array.shape.join();
  if (!isAlike || tensor.dataLocation === 1)
    throw new OnnxError(`the constant "${tensor.name}" is not ${dtype} (${array.shape.join(', ')})`);
  Object.assign(tensor, { floatData: [], doubleData: [], int32Data: [], int64Data: [], uint64Data: [] });
  Object.assign(tensor, writeTensor(array, dtype));
}
