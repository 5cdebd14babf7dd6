import type { Attributes, Dimension, DType, Tensor } from '@farout/tensor';
import { normaliseAxis } from '@farout/tensor/graph';
import { attributeType, readAttribute, readTensor, whole } from './encoding.ts';
import { OnnxError } from './onnx-error.ts';
import type { AttributeProto, GraphProto, NodeProto } from './onnx_pb.ts';

/** One use of an operator in a file. An omitted input or output has the empty name. */
export interface OnnxNode {
  readonly name: string;
  /** The operator's name, such as Conv. */
  readonly type: string;
  /** '' for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Whether a normalisation is folded into it: its output is then the normalisation's in the file. */
  readonly folded?: boolean;
  /** For control flow, its subgraphs, by attribute name. */
  readonly branches?: Readonly<Record<string, OnnxBranch>>;
}

/** A subgraph; it may read values computed before its node. */
export interface OnnxBranch {
  readonly nodes: readonly OnnxNode[];
  /** Its own constants, by name. */
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly string[];
}

/** The two domain names of ONNX's own operators. */
const ownDomains = ['', 'ai.onnx'];
export const domainOf = (domain: string): string => (ownDomains.includes(domain) ? '' : domain);

export function readNode(proto: NodeProto): OnnxNode {
  const name = proto.name || (proto.output.find((output) => output !== '') ?? '');
  const [graphs, settings] = [true, false].map((wanted) => proto.attribute.filter((each) => isGraph(each) === wanted));
  const attributes = settings!.map((each) => [each.name, readAttribute(each, `${proto.opType} "${name}"`)] as const);
  return {
    name,
    type: proto.opType,
    domain: domainOf(proto.domain),
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(attributes),
    ...(graphs!.length > 0 && {
      branches: Object.fromEntries(graphs!.map((each) => [each.name, readBranch(each.g!)])),
    }),
  };
}

const isGraph = ({ type, g }: AttributeProto) => g !== undefined && (type === 0 || type === attributeType.graph);

const readBranch = ({ node, initializer, output }: GraphProto): OnnxBranch => ({
  nodes: node.map(readNode),
  constants: new Map(initializer.map((each) => [each.name, readTensor(each)])),
  outputs: output.map(({ name }) => name),
});

/** What a node may query about the graph under construction. */
export interface GraphSoFar {
  /** The numbers of a tensor, if already known. */
  readonly known: (tensor: Tensor) => Known | undefined;
  /** Sizes as an int64 tensor of one axis; named sizes are computed when the graph runs. */
  readonly sizes: (sizes: readonly Dimension[]) => Tensor;
  /** Whether the file fixes the batch at 1 but it is named here: then a 1 in a shape may mean the batch. */
  readonly rebatched: boolean;
}

/** A node with its operands, as seen by an importer. */
export class NodeUse {
  readonly node: OnnxNode;
  /** The version of the node's operator set. */
  readonly version: number;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly graph: GraphSoFar;

  constructor(node: OnnxNode, version: number, inputs: readonly (Tensor | undefined)[], graph: GraphSoFar) {
    this.node = node;
    this.version = version;
    this.inputs = inputs;
    this.graph = graph;
  }

  /** The input at a position; it must exist. */
  tensor(position: number): Tensor {
    const found = this.inputs[position];
    if (found) return found;
    throw new OnnxError(`${this.node.type} "${this.node.name}" lacks its input ${position}`);
  }

  get x(): Tensor {
    return this.tensor(0);
  }

  /** How many results are requested. */
  get results(): number {
    return this.node.outputs.length;
  }

  known(position: number): Known | undefined {
    const tensor = this.inputs[position];
    return tensor && this.graph.known(tensor);
  }

  /** The numbers of an input, if known. */
  numbers(position: number): readonly number[] | undefined {
    return numbersOf(this.known(position));
  }

  int(name: string, otherwise: number): number {
    const value = this.node.attributes[name];
    return typeof value === 'number' ? value : otherwise;
  }

  float(name: string, otherwise: number): number {
    const value = this.node.attributes[name];
    return typeof value === 'object' && 'float' in value ? value.float : otherwise;
  }

  text(name: string, otherwise: string): string {
    const value = this.node.attributes[name];
    return typeof value === 'string' ? value : otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    const value = this.node.attributes[name];
    return Array.isArray(value) ? (value as readonly number[]) : undefined;
  }

  /** Integers that are an attribute in older operator sets and an input in newer ones. */
  intsOrInput(name: string, position: number): readonly number[] | undefined {
    return this.ints(name) ?? this.numbers(position);
  }
}

/** Returns the results of a node, or undefined if this form of the operator is not supported. */
export type Importer = (use: NodeUse) => Tensor | readonly (Tensor | undefined)[] | undefined;

/** Numbers known before anything runs, including named sizes; a scalar, one axis, or rows of pairs. */
export interface Known {
  readonly values: readonly Dimension[];
  readonly scalar: boolean;
  /** The length of a row, if there are two axes: PyTorch reverses its padding in this form. */
  readonly columns?: number;
  readonly dtype: DType;
}

/** Limit; more elements than any list of sizes has. */
const limit = 1024;

/** The known numbers of a constant, unless it is large or has several axes. */
export function knownConstant({ origin, dtype, shape }: Tensor): Known | undefined {
  if (origin.kind !== 'constant' || shape.length > 1 || origin.array.data.length > limit) return undefined;
  return { values: Array.from(origin.array.data, toNumber), scalar: shape.length === 0, dtype };
}

const toNumber = (value: number | bigint) => (typeof value === 'bigint' ? whole(value) : value);

/** The numbers, if none of them is a name. */
export const numbersOf = (known: Known | undefined): readonly number[] | undefined =>
  known?.values.every((value) => typeof value === 'number') ? known.values : undefined;

/** The attribute `axis`, counted from the front. */
export const axisOf = (use: NodeUse, otherwise: number): number =>
  normaliseAxis(use.node.type, use.int('axis', otherwise), use.x.shape);

/** The axes of an attribute or an input, counted from the front of a shape of this rank. */
export const fromFront = (axes: readonly number[], rank: number): readonly number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis));
