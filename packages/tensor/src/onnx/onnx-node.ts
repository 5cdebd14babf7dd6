import { whole } from '../nd-array.ts';
import type { Attributes, AttributeValue } from '../operator.ts';
import { OnnxError } from './onnx-error.ts';
import type { AttributeProto, NodeProto } from './onnx_pb.ts';
import { readTensor } from './read-tensor.ts';
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
}

/** Two names of ONNX's own operators. */
const ownDomains = ['', 'ai.onnx'];
export const domainOf = (domain: string): string => (ownDomains.includes(domain) ? '' : domain);

export function readNode(proto: NodeProto): OnnxNode {
  const name = proto.name || (proto.output.find((output) => output !== '') ?? '');
  const attributes = proto.attribute.map(
    (each) => [each.name, readAttribute(each, `${proto.opType} "${name}"`)] as const,
  );
  return {
    name,
    type: proto.opType,
    domain: domainOf(proto.domain),
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(attributes),
  };
}

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
      throw new OnnxError(`the node ${node} has an attribute "${proto.name}" of a kind that is not read${hint(kind)}`);
  }
}

const hint = (kind: number) => (kind === attributeType.graph ? ': a graph of its own, so control flow' : '');

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
