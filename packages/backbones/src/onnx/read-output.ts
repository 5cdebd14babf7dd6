import type { OnnxModel } from '@farout/onnx';
import type { Dimension, Tensor } from '@farout/tensor';
import { constantRows, Obstacle, unitRows, type Affine, type Axis } from './affine.ts';
import { operators, unknown, type Value } from './affine-operators.ts';
import { constantOf, linearLayer, type LinearLayer } from './linear-layer.ts';

/** An output computed by linear layers and affine operations after them, with the layers in the order of their units. */
export interface ReadOutput {
  readonly value: Value;
  readonly layers: readonly LinearLayer[];
}

/** No exporter writes longer chains after a last layer. */
const deepest = 500;

/**
 * Analyses the outputs of a network: it walks back from an output to linear layers, and forward again, applying every operator in between
 * to their units.
 */
export class OutputReader {
  readonly #model: OnnxModel;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #names: ReadonlyMap<Tensor, string>;
  readonly #batch: Dimension;
  #layers: LinearLayer[] = [];
  #units = 0;
  #known = new Map<Tensor, Value | Obstacle>();

  /** `tensors` are all tensors of the network by name, for `batch` images. */
  constructor(model: OnnxModel, tensors: ReadonlyMap<string, Tensor>, batch: Dimension) {
    this.#model = model;
    this.#tensors = tensors;
    this.#names = new Map([...tensors].reverse().map(([name, tensor]) => [tensor, name]));
    this.#batch = batch;
  }

  /** @throws Obstacle when it does not come from linear layers. */
  read(output: string): ReadOutput {
    this.#layers = [];
    this.#units = 0;
    this.#known = new Map();
    return { value: this.#value(this.#tensors.get(output)!, output, 0), layers: this.#layers };
  }

  /** A name of a tensor in the file. */
  nameOf(tensor: Tensor): string | undefined {
    return this.#names.get(tensor);
  }

  #value(tensor: Tensor, within: string, depth: number): Value {
    const known = this.#known.get(tensor) ?? this.#attempt(tensor, this.#names.get(tensor) ?? within, depth);
    this.#known.set(tensor, known);
    if (known instanceof Obstacle) throw known;
    return known;
  }

  /** Adds to an obstacle the node where it occurred. */
  #attempt(tensor: Tensor, name: string, depth: number): Value | Obstacle {
    try {
      return this.#make(tensor, name, depth);
    } catch (error) {
      if (!(error instanceof Obstacle)) throw error;
      return error.node === undefined ? new Obstacle(error.message, this.#nodeOf(name, tensor)) : error;
    }
  }

  #make(tensor: Tensor, name: string, depth: number): Value {
    const array = constantOf(tensor);
    if (array) return { ...constantRows(array), as: 'logits', logits: tensor };
    const layer = linearLayer(tensor);
    if (layer) return { ...this.#unitsOf(layer, tensor), as: 'logits', logits: tensor };
    if (tensor.origin.kind !== 'operation' || depth > deepest) throw new Obstacle('');
    const { operator, inputs, attributes } = tensor.origin;
    const use = { tensor, type: operator.type, inputs, attributes: attributes as Readonly<Record<string, unknown>> };
    const own = (operator.set?.domain ?? '') === '';
    const value = (position: number) => this.#value(inputs[position]!, name, depth + 1);
    const make = own && Object.hasOwn(operators, operator.type) ? operators[operator.type]! : unknown;
    const made = make(use, value, this.#batch);
    return { ...made, as: made.as ?? 'logits', logits: made.logits ?? tensor };
  }

  /** The units of a layer, at every position that it reads. */
  #unitsOf(layer: LinearLayer, tensor: Tensor): Affine {
    const [first] = this.#layers;
    if (first && !(same(first.features, layer.features) && first.axis === layer.axis)) {
      throw new Obstacle('the linear layers before it read different tensors');
    }
    const units = this.#units;
    this.#layers.push(layer);
    this.#units += layer.weight.shape[0]!;
    return unitRows(this.#axesOf(layer, tensor), units);
  }

  #axesOf({ features, axis, weight }: LinearLayer, tensor: Tensor): readonly Axis[] {
    const classes: Axis = { kind: 'numbers', size: weight.shape[0]! };
    // After an opaque operator, it is assumed to be a row of features per image.
    if (!features.hasShape || !tensor.hasShape) return [{ kind: 'images', size: this.#batch }, classes];
    const rank = features.shape.length;
    const along = axis < 0 ? axis + rank : axis;
    return features.shape.map((size, each): Axis => {
      if (each === along) return classes;
      if (size === this.#batch) return { kind: 'images', size };
      if (typeof size === 'number') return { kind: size === 1 ? 'numbers' : 'places', size };
      throw new Obstacle(`what it reads is (${features.shape.join(', ')}): the images have no axis of their own`);
    });
  }

  #nodeOf(name: string, { origin }: Tensor): string {
    const node = this.#model.nodes.find(({ outputs }) => outputs.includes(name));
    if (node) return `${node.type} "${node.name}"`;
    return origin.kind === 'operation' ? `${origin.operator.type} "${name}"` : 'no node';
  }
}

/** Whether two tensors are the same expression, such as one that an exporter wrote twice. */
function same(a: Tensor, b: Tensor, depth = 4): boolean {
  if (a === b) return true;
  const [left, right] = [a.origin, b.origin];
  if (left.kind !== 'operation' || right.kind !== 'operation' || depth === 0) return false;
  return (
    left.operator === right.operator &&
    JSON.stringify(left.attributes) === JSON.stringify(right.attributes) &&
    left.inputs.length === right.inputs.length &&
    left.inputs.every((each, i) => same(each, right.inputs[i]!, depth - 1))
  );
}
