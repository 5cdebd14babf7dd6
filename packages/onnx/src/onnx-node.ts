import type { Tensor } from '@farout/tensor';
import { type Attributes, type AttributeValue, whole } from '@farout/tensor/graph';
import { readTensor } from './encoding.ts';
import { OnnxError } from './onnx-error.ts';
import type { AttributeProto, GraphProto, NodeProto } from './onnx_pb.ts';
import { attributeType } from './write-attribute.ts';

/** One use of an operator in a file. An input or output that is left out has the empty name. */
export interface OnnxNode {
  readonly name: string;
  /** The operator's name, such as Conv. */
  readonly type: string;
  /** '' for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** The graphs that it holds, by the names of their attributes, where it is control flow. */
  readonly branches?: Readonly<Record<string, OnnxBranch>>;
}

/** A graph within a graph: it may read what stands before its node. */
export interface OnnxBranch {
  readonly nodes: readonly OnnxNode[];
  /** Its own constants, by their names. */
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly string[];
}

/** Two names of ONNX's own operators. */
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

const utf8 = new TextDecoder();

function readAttribute(proto: AttributeProto, node: string): AttributeValue {
  const kind = proto.type || kindOf(proto);
  switch (kind) {
    case attributeType.float:
      return { float: proto.f };
    case attributeType.int:
      return whole(proto.i);
    case attributeType.string:
      return utf8.decode(proto.s);
    case attributeType.tensor:
      return tensorOf(proto);
    case attributeType.floats:
      return { floats: proto.floats };
    case attributeType.ints:
      return proto.ints.map(whole);
    case attributeType.strings:
      return { strings: proto.strings.map((bytes) => utf8.decode(bytes)) };
    default:
      throw new OnnxError(`the node ${node} has an attribute "${proto.name}" of a kind that is not read`);
  }
}

/** Old writers do not say the kind. */
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
