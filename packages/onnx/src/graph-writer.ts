import { create } from '@bufbuild/protobuf';
import {
  dtypeOf,
  TensorError,
  type Attributes,
  type DType,
  type NDArray,
  type Tensor,
  type TypedArray,
} from '@farout/tensor';
import {
  elementType,
  inputsOf,
  isFloat,
  showShape,
  type OnnxForm,
  type Operator,
  type OperatorSet,
  type Origin,
} from '@farout/tensor/graph';
import { attributeKey, writeAttribute, writeHalf, writeTensor } from './encoding.ts';
import { GraphProtoSchema } from './onnx_pb.ts';

/** Sizes that are fixed when a model is written, by their names in shapes. */
export type Sizes = Readonly<Record<string, number>>;

/** How to write a graph. */
export interface GraphForm {
  readonly sizes: Sizes;
  /** Constants that are written separately under these names. */
  readonly replaceable: Readonly<Record<string, Tensor>>;
  /** Constants to write in half precision. */
  readonly half: ReadonlySet<TypedArray>;
  /** The version of ONNX's own operator set. */
  readonly version: number;
  /** Whether to also write what readers could infer. */
  readonly explicit: boolean;
}

type Operation = Extract<Origin, { kind: 'operation' }>;

/**
 * The graph inputs that `outputs` depend on, by name, in order of first use.
 *
 * @throws TensorError when one name stands for two different inputs, or for an input and an output.
 */
export function graphInputs(outputs: Readonly<Record<string, Tensor>>): ReadonlyMap<string, Tensor> {
  const inputs = new Map<string, Tensor>();
  const reached = new Set(Object.values(outputs));
  for (const tensor of reached) {
    if (tensor.origin.kind === 'input') addInput(inputs, tensor.origin.name, tensor);
    for (const operand of inputsOf(tensor)) reached.add(operand);
  }
  for (const name of Object.keys(outputs)) {
    if (inputs.has(name)) throw new TensorError(`"${name}" is the name of both an input and an output`);
  }
  return inputs;
}

function addInput(inputs: Map<string, Tensor>, name: string, tensor: Tensor): void {
  const [first, second] = [inputs.get(name) ?? tensor, tensor].map(
    ({ dtype, shape }) => `${dtype} ${showShape(shape)}`,
  );
  if (first !== second) throw new TensorError(`input "${name}" is both ${first!} and ${second!}`);
  inputs.set(name, tensor);
}

/** Writes one graph. */
export class GraphWriter {
  readonly proto = create(GraphProtoSchema, { name: 'farout' });
  /** The newest version that any node requires, by domain. */
  readonly operatorSets: Map<string, number>;
  /** The name of each tensor in the graph. */
  readonly #names = new Map<Tensor, string>();
  /** The name of the first of equal tensors, by their key. */
  readonly #written = new Map<string, string>();
  readonly #arrays = new Map<NDArray['data'], number>();
  readonly #taken: Set<string>;
  /** The last number appended to a name to make it unique. */
  readonly #numbers = new Map<string, number>();
  /** The tensor written instead of another: see `Operator.steady`. */
  readonly #steady = new Map<Tensor, Tensor | undefined>();
  readonly #replaceable: ReadonlyMap<Tensor, string>;
  readonly #form: GraphForm;

  /** Callers choose the names of inputs and outputs; all other names avoid them. */
  constructor(inputs: ReadonlyMap<string, Tensor>, outputs: readonly string[], form: GraphForm) {
    this.#form = form;
    this.operatorSets = new Map([['', form.version]]);
    this.#replaceable = new Map(Object.entries(form.replaceable).map(([name, tensor]) => [tensor, name]));
    this.#taken = new Set([...inputs.keys(), ...outputs, ...this.#replaceable.values()]);
    for (const [name, tensor] of inputs) this.proto.input.push(valueInfo(name, tensor, form.sizes));
  }

  output(name: string, tensor: Tensor): void {
    this.#write(tensor);
    this.proto.node.push(node({ type: 'Identity', set: this.#ownSet }, [this.#names.get(tensor)!], name, {}));
    this.proto.output.push(valueInfo(name, tensor, this.#form.sizes));
  }

  /** Writes a tensor after its inputs. Uses a stack instead of recursion, because networks are deep. */
  #write(root: Tensor): void {
    const stack = [root];
    for (let tensor = stack.at(-1); tensor; tensor = stack.at(-1)) {
      const waiting = this.#names.has(tensor) ? [] : this.#before(tensor).filter((each) => !this.#names.has(each));
      if (waiting.length > 0) {
        stack.push(...waiting);
      } else {
        if (!this.#names.has(tensor)) this.#names.set(tensor, this.#emit(tensor));
        stack.pop();
      }
    }
  }

  /** What must be written before a tensor: its inputs, or its replacement. */
  #before(tensor: Tensor): readonly Tensor[] {
    const steady = this.#steadyForm(tensor);
    return steady ? [steady] : inputsOf(tensor);
  }

  /** Made once, because every call gives new tensors. Integers need none: their sums are exact in any order. */
  #steadyForm(tensor: Tensor): Tensor | undefined {
    const { origin, dtype } = tensor;
    if (origin.kind === 'operation' && isFloat(dtype) && !this.#steady.has(tensor)) {
      const { operator, inputs, attributes } = origin;
      const before = operator.before && this.#form.version < operator.before.version ? operator.before : undefined;
      const steady = this.#form.explicit && operator.elsewhere ? operator.elsewhere : operator.steady;
      this.#steady.set(tensor, (before?.form ?? steady)?.(inputs, attributes as never));
    }
    return this.#steady.get(tensor);
  }

  #emit(tensor: Tensor): string {
    const { origin, dtype } = tensor;
    const steady = this.#steady.get(tensor);
    if (steady) return this.#names.get(steady)!;
    if (origin.kind === 'constant') return this.#constant(tensor, origin, dtype);
    if (origin.kind === 'result') return this.#furtherResult(this.#names.get(origin.of)!, origin.index);
    return origin.kind === 'input' ? origin.name : this.#operation(origin);
  }

  /** Requested only if it is used or the operator requires it: with one result, the operator may run faster. */
  #furtherResult(first: string, index: number): string {
    return this.#once(`result ${index} of ${first}`, () => {
      const name = this.#free(`${first}_${index}`);
      const { output } = this.proto.node.find(({ output: [own] }) => own === first)!;
      // A skipped result that nobody has requested yet has the empty name.
      while (output.length < index) output.push('');
      output[index] = name;
      return name;
    });
  }

  #operation({ operator, inputs, attributes }: Operation): string {
    const use = { inputs, version: this.#form.version, explicit: this.#form.explicit };
    const form: OnnxForm = operator.onnx?.(attributes as never, use) ?? { attributes: attributes as Attributes };
    const extra = (form.inputs ?? []).map((array) => this.#initializer(array, undefined, dtypeOf(array.data)));
    const names = [...inputs.map((operand) => this.#names.get(operand)!), ...extra];
    for (const position of form.absent ?? []) names.splice(position, 0, '');
    const { type, set = this.#ownSet } = operator;
    return this.#once(`${set.domain} ${type} ${names.join('\0')} ${this.#key(form.attributes)}`, () => {
      const name = this.#free(type);
      this.operatorSets.set(set.domain, Math.max(this.operatorSets.get(set.domain) ?? 0, set.version));
      this.proto.node.push(node({ type, set }, names, name, form.attributes));
      for (let index = 1; index < (form.results ?? 1); index++) this.#furtherResult(name, index);
      return name;
    });
  }

  get #ownSet(): OperatorSet {
    return { domain: '', version: this.#form.version };
  }

  #key(attributes: Attributes): string {
    return attributeKey(attributes, (array, dtype) => this.#arrayKey(array, dtype));
  }

  #constant(tensor: Tensor, { array, name }: Extract<Origin, { kind: 'constant' }>, dtype: DType): string {
    const own = this.#replaceable.get(tensor);
    if (own === undefined) return this.#initializer(array, name, dtype);
    this.proto.initializer.push({ name: own, ...writeTensor(array, dtype) } as never);
    return own;
  }

  #initializer(array: NDArray, wanted: string | undefined, dtype: DType): string {
    return this.#once(`constant ${this.#arrayKey(array, dtype)}`, () => {
      const name = this.#free(wanted ?? 'constant');
      if (this.#form.half.has(array.data)) return this.#half(array, name);
      this.proto.initializer.push({ name, ...writeTensor(array, dtype) } as never);
      return name;
    });
  }

  /** Writes the half-precision constant under its name, and a cast to float32 under a new name. */
  #half(array: NDArray, name: string): string {
    this.proto.initializer.push({ name, ...writeHalf(array) } as never);
    const whole = this.#free('Cast');
    this.proto.node.push(node({ type: 'Cast', set: this.#ownSet }, [name], whole, { to: elementType.float32 }));
    return whole;
  }

  /** Small arrays are compared by value, large ones by identity. */
  #arrayKey({ data, shape }: NDArray, dtype: DType): string {
    const value = data.length <= 16 ? Array.from(data, showElement).join() : `#${this.#arrayNumber(data)}`;
    return `${dtype} (${shape.join()}) ${value}`;
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

  /** A name not yet used in the graph. */
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

/** A distinct text for each element: String would convert −0 to 0. */
const showElement = (value: number | bigint) => (Object.is(value, -0) ? '-0' : String(value));

const node = (
  { type, set }: Required<Pick<Operator, 'type' | 'set'>>,
  input: string[],
  output: string,
  attributes: Attributes,
) =>
  ({
    opType: type,
    domain: set.domain,
    input,
    output: [output],
    name: output,
    attribute: Object.entries(attributes).map(writeAttribute),
  }) as never;

/** Where shape or type are unknown here, onnxruntime infers them. */
const valueInfo = (name: string, tensor: Tensor, sizes: Sizes) => {
  if (!tensor.hasShape) return { name } as never;
  const { shape, dtype } = tensor;
  const known = shape.map((size) => (typeof size === 'string' ? (sizes[size] ?? size) : size));
  const dim = known.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue', value: BigInt(size) } }
      : { value: { case: 'dimParam', value: size } },
  );
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementType[dtype], shape: { dim } } } },
  } as never;
};
