import { create, toBinary } from '@bufbuild/protobuf';
import { dtypeOf, type NDArray } from '../nd-array.ts';
import type { Attributes, OnnxForm } from '../operator.ts';
import type { Origin, Tensor } from '../tensor.ts';
import { elementType } from './element-type.ts';
import { graphInputs, inputsOf } from './graph-inputs.ts';
import { ModelProtoSchema, type AttributeProto, type GraphProto } from './onnx_pb.ts';

/** The version of ONNX's file format, and of its operators, that is written. */
const irVersion = 9n;
const operatorSet = 20n;

/** How ONNX numbers the kinds of attributes. */
const attributeType = { int: 2, string: 3, ints: 7 };

type Init<T> = Omit<T, '$typeName' | '$unknown'>;
type Operation = Extract<Origin, { kind: 'operation' }>;

/**
 * Writes the expressions behind `outputs` as one ONNX model. Equal subexpressions are written once, so that detectors
 * share what they have in common; the same expressions always give the same bytes.
 *
 * @throws TensorError when one name stands for two different inputs, or for an input and an output.
 */
export function writeOnnx(outputs: Readonly<Record<string, Tensor>>): Uint8Array {
  const graph = new GraphWriter(graphInputs(outputs), Object.keys(outputs));
  for (const [name, tensor] of Object.entries(outputs)) graph.output(name, tensor);
  const model = create(ModelProtoSchema, {
    irVersion,
    producerName: 'oodkit',
    opsetImport: [{ domain: '', version: operatorSet }],
    graph: graph.proto,
  });
  return toBinary(ModelProtoSchema, model);
}

class GraphWriter {
  readonly proto = { name: 'oodkit', node: [], initializer: [], input: [], output: [] } as unknown as Init<GraphProto>;
  /** The name under which a tensor stands in the graph. */
  readonly #names = new Map<Tensor, string>();
  /** The name of the first of equal tensors, by what makes them equal. */
  readonly #written = new Map<string, string>();
  readonly #arrays = new Map<NDArray['data'], number>();
  readonly #taken: Set<string>;
  /** The last number that was put behind a name to tell it from its likes. */
  readonly #numbers = new Map<string, number>();

  /** The names of inputs and outputs are others' to choose: whatever else is named gives way to them. */
  constructor(inputs: ReadonlyMap<string, Tensor>, outputs: readonly string[]) {
    this.#taken = new Set([...inputs.keys(), ...outputs]);
    for (const [name, tensor] of inputs) this.proto.input.push(valueInfo(name, tensor));
  }

  output(name: string, tensor: Tensor): void {
    this.#write(tensor);
    this.proto.node.push(node('Identity', [this.#names.get(tensor)!], name, {}));
    this.proto.output.push(valueInfo(name, tensor));
  }

  /** Writes a tensor after its inputs; a stack instead of recursion, because networks are deep. */
  #write(root: Tensor): void {
    const stack = [root];
    for (let tensor = stack.at(-1); tensor; tensor = stack.at(-1)) {
      const waiting = this.#names.has(tensor) ? [] : inputsOf(tensor).filter((input) => !this.#names.has(input));
      if (waiting.length > 0) {
        stack.push(...waiting);
      } else {
        if (!this.#names.has(tensor)) this.#names.set(tensor, this.#emit(tensor));
        stack.pop();
      }
    }
  }

  #emit({ origin }: Tensor): string {
    if (origin.kind === 'constant') return this.#initializer(origin.array, origin.name);
    if (origin.kind === 'second') return this.#secondOutput(this.#names.get(origin.of)!);
    return origin.kind === 'input' ? origin.name : this.#operation(origin);
  }

  /** Asked for only where it is used: an operation with one result may be computed faster. */
  #secondOutput(first: string): string {
    return this.#once(`second result of ${first}`, () => {
      const name = this.#free(`${first}_second`);
      this.proto.node.find(({ output }) => output[0] === first)!.output.push(name);
      return name;
    });
  }

  #operation({ operator, inputs, attributes }: Operation): string {
    const form: OnnxForm = operator.onnx?.(attributes as never) ?? { attributes: attributes as Attributes };
    const extra = (form.inputs ?? []).map((array) => this.#initializer(array, undefined));
    const names = [...inputs.map((input) => this.#names.get(input)!), ...extra];
    return this.#once(`${operator.type} ${JSON.stringify([names, form.attributes])}`, () => {
      const name = this.#free(operator.type);
      this.proto.node.push(node(operator.type, names, name, form.attributes));
      return name;
    });
  }

  /** Small arrays are equal by value, large ones by being the same array. */
  #initializer({ data, shape }: NDArray, wanted: string | undefined): string {
    const value = data.length <= 16 ? Array.from(data, showElement).join() : `#${this.#arrayNumber(data)}`;
    return this.#once(`constant ${dtypeOf(data)} (${shape.join()}) ${value}`, () => {
      const name = this.#free(wanted ?? 'constant');
      const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength) as Uint8Array<ArrayBuffer>;
      const dims = shape.map(BigInt);
      this.proto.initializer.push({ name, dims, dataType: elementType[dtypeOf(data)], rawData } as never);
      return name;
    });
  }

  #arrayNumber(data: NDArray['data']): number {
    const number = this.#arrays.get(data) ?? this.#arrays.size;
    this.#arrays.set(data, number);
    return number;
  }

  #once(key: string, write: () => string): string {
    const name = this.#written.get(key) ?? write();
    this.#written.set(key, name);
    return name;
  }

  /** A name that nothing in the graph has yet. */
  #free(wanted: string): string {
    let name = wanted;
    while (this.#taken.has(name)) {
      const number = (this.#numbers.get(wanted) ?? 1) + 1;
      this.#numbers.set(wanted, number);
      name = `${wanted}_${number}`;
    }
    this.#taken.add(name);
    return name;
  }
}

/** An element so that different ones differ: String takes −0 for 0. */
const showElement = (value: number | bigint) => (Object.is(value, -0) ? '-0' : String(value));

const utf8 = new TextEncoder();

const node = (opType: string, input: string[], output: string, attributes: Attributes) =>
  ({ opType, input, output: [output], name: output, attribute: Object.entries(attributes).map(attribute) }) as never;

function attribute([name, value]: [string, Attributes[string]]): Partial<AttributeProto> {
  if (typeof value === 'number') return { name, type: attributeType.int, i: BigInt(value) };
  if (typeof value === 'string') return { name, type: attributeType.string, s: utf8.encode(value) };
  return { name, type: attributeType.ints, ints: value.map(BigInt) };
}

const valueInfo = (name: string, { shape, dtype }: Tensor) => {
  const dim = shape.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue', value: BigInt(size) } }
      : { value: { case: 'dimParam', value: size } },
  );
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementType[dtype], shape: { dim } } } },
  } as never;
};
