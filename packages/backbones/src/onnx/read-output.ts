import type { OnnxModel } from '@farout/onnx';
import type { Dimension, Tensor } from '@farout/tensor';
import { constantRows, Obstacle, unitRows, type Affine, type Axis } from './affine.ts';
import { operators, unknown, type Value } from './affine-operators.ts';
import { constantOf, linearLayer, type LinearLayer } from './linear-layer.ts';

/** An output that linear layers and what is affine behind them make, with the layers in the order of their units. */
export interface ReadOutput {
  readonly value: Value;
  readonly layers: readonly LinearLayer[];
}

/** Longer chains behind a last layer are none that an exporter writes. */
const deepest = 500;

/**
 * Reads what the outputs of a network are: it walks from an output back to linear layers, and forward again with what
 * every operator between makes of their units.
 */
export class OutputReader {
  readonly #model: OnnxModel;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #names: ReadonlyMap<Tensor, string>;
  readonly #batch: Dimension;
  #layers: LinearLayer[] = [];
  #units = 0;
  #known = new Map<Tensor, Value | Obstacle>();

  /** `tensors` are all of the network by their names, for images whose number is `batch`. */
  constructor(model: OnnxModel, tensors: ReadonlyMap<string, Tensor>, batch: Dimension) {
    this.#model = model;
    this.#tensors = tensors;
    this.#names = new Map([...tensors].reverse().map(([name, tensor]) => [tensor, name]));
    this.#batch = batch;
  }

  /** @throws Obstacle when something else than a linear layer makes it. */
  read(output: string): ReadOutput {
    this.#layers = [];
    this.#units = 0;
    this.#known = new Map();
    return { value: this.#value(this.#tensors.get(output)!, output, 0), layers: this.#layers };
  }

  /** A name that the file has for a tensor. */
  nameOf(tensor: Tensor): string | undefined {
    return this.#names.get(tensor);
  }

  #value(tensor: Tensor, within: string, depth: number): Value {
    const known = this.#known.get(tensor) ?? this.#attempt(tensor, this.#names.get(tensor) ?? within, depth);
    this.#known.set(tensor, known);
    if (known instanceof Obstacle) throw known;
    return known;
  }

  /** An obstacle names the node that it was met at. */
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

  /** The units of a layer, at every place that it reads. */
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
    // Behind an operator that is known by its name alone it is taken for a row of features for each image.
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

/** Whether two tensors are the same expression; what an exporter writes twice is. */
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
