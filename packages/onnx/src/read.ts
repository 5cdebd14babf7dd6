import { fromBinary } from '@bufbuild/protobuf';
import type { NDArray, Tensor } from '@farout/tensor';
import type { OnnxValue } from './by-name.ts';
import { dtypeFor, isHalf, readInitializer, type ReadExternal } from './encoding.ts';
import { floatHeads } from './float-heads.ts';
import { foldConstants, foldNorms } from './fold.ts';
import { refuseInvalid } from './invalid-weights.ts';
import { domainOf, readNode, type OnnxNode } from './nodes.ts';
import { OnnxError, unreadable } from './onnx-error.ts';
import { ModelProtoSchema, type GraphProto, type ModelProto, type ValueInfoProto } from './onnx_pb.ts';
import { chooseBranches, traceGraph } from './trace.ts';

/** A network read from an ONNX file: a function of its inputs. */
export interface OnnxModel {
  /** The inputs, as declared by the file. */
  readonly inputs: readonly OnnxValue[];
  /** The outputs, as declared by the file. */
  readonly outputs: readonly OnnxValue[];
  /** The nodes in order of computation, without constants. */
  readonly nodes: readonly OnnxNode[];
  /** Weights and other known numbers, by name. */
  readonly constants: ReadonlyMap<string, NDArray>;
  /** Whether the file computes in half precision (float16, bfloat16), which is read as single precision. */
  readonly halves: boolean;
  /**
   * All tensors of the network by name, computed from these inputs. Constants are the same objects at every call. If the file
   * fixes the batch at 1, an input with a named batch makes it a network of batches. A tensor given under the name of a node's output replaces
   * that output, and the network continues from there.
   *
   * @throws OnnxError when the network cannot be built on these inputs.
   */
  readonly trace: (inputs: Readonly<Record<string, Tensor>>) => ReadonlyMap<string, Tensor>;
}

/** The oldest supported version of ONNX's own operator set: before, broadcasting was different. */
const oldest = 7;

/**
 * Reads an ONNX model. Data in other files is read through `external`, which must refuse files outside the model's folder.
 *
 * @throws OnnxError when the bytes are not an ONNX model, or an unsupported one.
 */
export async function readOnnx(bytes: Uint8Array, external: ReadExternal = refuse): Promise<OnnxModel> {
  const model = decode(bytes);
  try {
    return await readModel(model, external);
  } catch (cause) {
    throw unreadable('a part of it is malformed', cause);
  }
}

async function readModel(model: ModelProto, external: ReadExternal): Promise<OnnxModel> {
  const graph = graphOf(model);
  const versions = new Map(model.opsetImport.map(({ domain, version }) => [domainOf(domain), Number(version)]));
  const version = versions.get('') ?? 1;
  if (version < oldest)
    throw new OnnxError(`it is written in operator set ${version}; the oldest supported is ${oldest}`);
  const constants = new Map<string, Tensor>();
  for (const proto of graph.initializer) constants.set(proto.name, await readInitializer(proto, external));
  const inputs = graph.input.filter(({ name }) => !constants.has(name)).map(readValue);
  const outputs = graph.output.map(readValue);
  const names = outputs.map(({ name }) => name);
  const values = new Map(
    graph.valueInfo
      .map(readValue)
      .concat(inputs, outputs)
      .map((value) => [value.name, value]),
  );
  const all = foldConstants(graph.node.map(readNode), version, constants);
  const chosen = chooseBranches({ nodes: all, constants, values, versions }, inputs);
  const heads = floatHeads(foldConstants(chosen, version, constants), names, constants);
  // Dequantised constants may need another layout.
  const unfolded = foldConstants(heads, version, constants);
  refuseInvalid(unfolded, constants);
  const nodes = foldNorms(unfolded, names, constants);
  const read = { nodes, constants, values, versions };
  const trace = (given: Readonly<Record<string, Tensor>>) => traceGraph(read, given);
  return { inputs, outputs, nodes, constants: arraysOf(constants), halves: hasHalves(graph), trace };
}

/** Looks at weights, inputs, outputs and casts. */
function hasHalves({ initializer, input, output, node }: GraphProto): boolean {
  const types = [
    ...initializer.map(({ dataType }) => dataType),
    ...[...input, ...output].map(({ type }) => (type?.value.case === 'tensorType' ? type.value.value.elemType : 0)),
    ...node.flatMap(({ opType, attribute }) =>
      opType === 'Cast' ? attribute.filter(({ name }) => name === 'to').map(({ i }) => Number(i)) : [],
    ),
  ];
  return types.some(isHalf);
}

const arraysOf = (constants: ReadonlyMap<string, Tensor>): ReadonlyMap<string, NDArray> =>
  new Map(
    [...constants].flatMap(([name, { origin }]) => (origin.kind === 'constant' ? [[name, origin.array] as const] : [])),
  );

function decode(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new OnnxError('it is not an ONNX model, or it is damaged', { cause });
  }
}

function graphOf({ graph, functions }: ModelProto): GraphProto {
  if (!graph || graph.node.length === 0) throw new OnnxError('it is not an ONNX model: it has no graph');
  if (graph.sparseInitializer.length > 0) throw new OnnxError('it has sparse constants, which are not supported');
  if (functions.length > 0) throw new OnnxError('it defines its own functions, which are not supported');
  return graph;
}

function readValue({ name, type }: ValueInfoProto): OnnxValue {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  const shape = tensor?.shape?.dim.map(({ value }, axis) =>
    value.case === 'dimValue' ? Number(value.value) : (value.value ?? `${name}.${axis}`),
  );
  return { name, shape, dtype: tensor && dtypeFor(tensor.elemType) };
}

function refuse(file: string): never {
  throw new OnnxError(`its data is in another file, "${file}", which is not available`);
}
