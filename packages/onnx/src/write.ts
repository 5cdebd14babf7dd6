import { create, toBinary } from '@bufbuild/protobuf';
import type { Tensor, TypedArray } from '@farout/tensor';
import { inputsOf, type Origin } from '@farout/tensor/graph';
import { graphInputs, GraphWriter, type Sizes } from './graph-writer.ts';
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema, type TensorProto } from './onnx_pb.ts';

/** The written version of ONNX's operator set and file format. */
const newest = { version: 20, irVersion: 9n };
/** Versions that many programs support, oldest first. */
const portable = [
  { version: 17, irVersion: 8n },
  { version: 18, irVersion: 8n },
];

/** How to write a model. */
export interface ModelForm {
  /** Fixed sizes; others stay open. */
  readonly sizes?: Sizes;
  /**
   * Whether the file is for programs other than onnxruntime: uses operator set 17 or 18 and file format 8 if its operators allow that, and also
   * writes what readers could infer, such as kernel sizes.
   */
  readonly portable?: boolean;
  /** Constants by the names for `replaceInOnnx`: each is written separately, even if another constant is equal. */
  readonly replaceable?: Readonly<Record<string, Tensor>>;
  /** Float32 constants to store in half precision; they are cast to float32 where they are used. */
  readonly half?: ReadonlySet<TypedArray>;
  /** Metadata of the file: texts by name. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The version of the writing program. */
  readonly producerVersion?: string;
}

/**
 * Writes the expressions behind `outputs` as one ONNX model. Equal subexpressions are written once, so detectors share common parts. The same
 * expressions always give the same bytes. An open size in the expressions stays open in the model, unless `form` fixes it.
 *
 * @throws TensorError when one name stands for two different inputs, or for an input and an output.
 */
export function writeOnnx(outputs: Readonly<Record<string, Tensor>>, form: ModelForm = {}): Uint8Array {
  const parts = writeOnnxParts(outputs, form);
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Like `writeOnnx`, but returns the bytes in parts. Parts of constants use their memory: weights are not copied. */
export function writeOnnxParts(outputs: Readonly<Record<string, Tensor>>, form: ModelForm = {}): readonly Uint8Array[] {
  const { sizes = {}, replaceable = {}, half = new Set(), metadata = {}, producerVersion = '' } = form;
  const { version, irVersion } = (form.portable ? portableForm(outputs) : undefined) ?? newest;
  const graphForm = { sizes, replaceable, half, version, explicit: form.portable ?? false };
  const graph = new GraphWriter(graphInputs(outputs), Object.keys(outputs), graphForm);
  for (const [name, tensor] of Object.entries(outputs)) graph.output(name, tensor);
  const opsetImport = [...graph.operatorSets].map(([domain, set]) => ({ domain, version: BigInt(set) }));
  const metadataProps = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const { node, name, initializer, input, output } = graph.proto;
  return [
    toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion, producerName: 'farout', producerVersion })),
    ...delimited(fields.graph, [
      toBinary(GraphProtoSchema, create(GraphProtoSchema, { node, name })),
      ...initializer.flatMap((tensor) => delimited(fields.initializer, tensorParts(tensor))),
      toBinary(GraphProtoSchema, create(GraphProtoSchema, { input, output })),
    ]),
    toBinary(ModelProtoSchema, create(ModelProtoSchema, { opsetImport, metadataProps })),
  ];
}

/** The oldest version with all operators; an operator known only by name is written as it was read. */
function portableForm(outputs: Readonly<Record<string, Tensor>>): typeof newest | undefined {
  const reached = new Set(Object.values(outputs));
  let needed = 0;
  for (const tensor of reached) {
    if (tensor.origin.kind === 'operation') needed = Math.max(needed, versionOf(tensor.origin));
    for (const operand of inputsOf(tensor)) reached.add(operand);
  }
  return portable.find(({ version }) => version >= needed);
}

const versionOf = ({ operator, attributes }: Extract<Origin, { kind: 'operation' }>): number =>
  operator.set?.domain === '' ? operator.set.version : (operator.needs?.(attributes as never) ?? 0);

/** Field numbers of the format; fields are written in this order. */
const fields = { graph: 7, initializer: 5, rawData: 9 };

const tensorParts = ({ rawData, ...head }: TensorProto): readonly Uint8Array[] => [
  toBinary(TensorProtoSchema, create(TensorProtoSchema, head as TensorProto)),
  ...delimited(fields.rawData, [rawData]),
];

/** A length-prefixed field. */
const delimited = (field: number, content: readonly Uint8Array[]): readonly Uint8Array[] => [
  Uint8Array.from([field * 8 + 2, ...varint(lengthOf(content))]),
  ...content,
];

const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((length, part) => length + part.length, 0);

/** A varint: seven bits per byte, lowest first. */
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
