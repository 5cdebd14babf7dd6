import type { onnxOperator } from '@farout/onnx';
import type { NDArray } from '@farout/tensor';

/** One use of an ONNX operator as a file has it. */
export interface NodeCase {
  readonly type: string;
  /** Left-out inputs are undefined. */
  readonly inputs: readonly (NDArray | undefined)[];
  readonly attributes?: NonNullable<Parameters<typeof onnxOperator>[2]>;
  /** Of ONNX's own operator set; 20 where nothing is said. */
  readonly version?: number;
  readonly results?: number;
  /** Which input is the variable; the others are constants of the file. The first where nothing is said. */
  readonly by?: number;
  /** Whether the constants at these positions are bool, which arrays here do not say. */
  readonly bools?: readonly number[];
  /** Whether the first axis of the variable is a batch, whose size is only known when the graph runs. */
  readonly batched?: true;
  /** What the file says of the shape of a float32 result, where it says anything. */
  readonly declared?: readonly number[];
}

/**
 * The file of a model with this one node: its variable input is called x, its results y0, y1, …. Written byte by byte, so
 * that it shares no code with the reader and the writer that it tests. The numbers of fields and kinds are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */
export function oneNodeModel(node: NodeCase): Uint8Array {
  const { type, inputs, attributes = {}, version = 20, results = 1, by = 0, bools, declared } = node;
  const names = inputs.map((each, i) => (each ? (i === by ? 'x' : `c${i}`) : ''));
  const outputs = Array.from({ length: results }, (_, i) => `y${i}`);
  const proto = message(
    ...names.map((name) => field(1, text(name))),
    ...outputs.map((name) => field(2, text(name))),
    field(4, text(type)),
    ...Object.entries(attributes).map(([name, value]) => field(5, attribute(name, value))),
  );
  const constants = inputs.flatMap((array, i) =>
    array && i !== by ? [field(5, tensor(names[i]!, array, bools?.includes(i) ? 9 : elementTypeOf(array)))] : [],
  );
  const graph = message(
    field(1, proto),
    field(2, text('one node')),
    ...constants,
    field(11, value('x', elementTypeOf(inputs[by]!), inputs[by]!.shape)),
    ...outputs.map((name) => field(12, declared ? value(name, 1, declared) : message(field(1, text(name))))),
  );
  return message(integer(1, 8), field(7, graph), field(8, message(field(1, text('')), integer(2, version))));
}

type Attribute = NonNullable<NodeCase['attributes']>[string];

function attribute(name: string, value: Attribute): Uint8Array {
  const named = (kind: number, ...content: Uint8Array[]) =>
    message(field(1, text(name)), ...content, integer(20, kind));
  if (typeof value === 'number') return named(2, integer(3, value));
  if (typeof value === 'string') return named(3, field(4, text(value)));
  if ('float' in value) return named(1, float(2, value.float));
  if ('floats' in value) return named(6, ...value.floats.map((each) => float(7, each)));
  if (Array.isArray(value)) return named(7, ...(value as readonly number[]).map((each) => integer(8, each)));
  throw new Error(`no test writes the attribute ${name}`);
}

const tensor = (name: string, { data, shape }: NDArray, elementType: number) =>
  message(
    ...shape.map((size) => integer(1, size)),
    integer(2, elementType),
    field(8, text(name)),
    field(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

function value(name: string, elementType: number, sizes: readonly number[]): Uint8Array {
  const shape = message(...sizes.map((size) => field(1, message(integer(1, size)))));
  const type = message(integer(1, elementType), field(2, shape));
  return message(field(1, text(name)), field(2, message(field(1, type))));
}

const elementTypeOf = ({ data }: NDArray): number =>
  ({ Float32Array: 1, Uint8Array: 2, Int8Array: 3, Uint16Array: 4, Int32Array: 6, BigInt64Array: 7, Float64Array: 11 })[
    data.constructor.name
  ]!;

// Protocol buffers: a field is its number and how it is stored, then a whole number (0), four bytes (5) or a length and bytes (2).
const message = (...fields: readonly Uint8Array[]) => Buffer.concat(fields);
const field = (id: number, content: Uint8Array) => message(varint(id * 8 + 2), varint(content.length), content);
const integer = (id: number, whole: number) => message(varint(id * 8), varint(whole));
const float = (id: number, single: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(single);
  return message(varint(id * 8 + 5), bytes);
};
const text = (content: string) => Buffer.from(content);

function varint(whole: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(whole));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}
