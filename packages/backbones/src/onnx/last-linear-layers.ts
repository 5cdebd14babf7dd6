import type { Head } from '@farout/core';
import { constant, type OnnxModel, type OnnxNode } from '@farout/tensor';
import { linearLayer, type LinearLayer } from './linear-layer.ts';

/** The linear layer that an output ends in. */
export interface LastLinearLayer {
  /** The tensor that it reads. */
  readonly features: string;
  /** The axis of that tensor along which the features lie; negative from the end. */
  readonly axis: number;
  /** Whether a mean over all places follows the layer. */
  readonly pooled: boolean;
  readonly head: Head;
}

/** The layers that outputs end in, each once, and why other outputs end in none. */
export interface LastLinearLayers {
  readonly layers: readonly LastLinearLayer[];
  readonly obstacles: readonly string[];
}

/** What may stand between the logits and an output: it keeps their order or is undone by leaving it out. */
const passed = new Set([
  ...['Softmax', 'LogSoftmax', 'Identity', 'Cast', 'Dropout', 'QuantizeLinear', 'DequantizeLinear'],
  ...['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze'],
]);

/** Means, which may as well be taken before a linear layer as after it. */
const means = new Set(['GlobalAveragePool', 'ReduceMean']);

/** Walks from every output of a network back to its last linear layer. */
export function lastLinearLayers(model: OnnxModel): LastLinearLayers {
  const layers = new Map<string, LastLinearLayer>();
  const obstacles: string[] = [];
  for (const { name } of model.outputs) {
    const found = walkBack(model, name);
    if (typeof found === 'string') obstacles.push(found);
    else layers.set(found.features, found);
  }
  return { layers: [...layers.values()], obstacles };
}

/** The layer, or what stands in the way. */
function walkBack(model: OnnxModel, output: string): LastLinearLayer | string {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const biases: string[] = [];
  let pooled = false;
  for (let node = producers.get(output); node; node = producers.get(dataOf(node, model))) {
    const layer = linearLayer(node, model.constants);
    if (layer) return withBiases(layer, biases, pooled, model) ?? obstacle(output, node);
    if (isBias(node, model)) biases.push(node.inputs.find((name) => model.constants.has(name))!);
    else if (means.has(node.type)) pooled = true;
    else if (!passed.has(node.type)) return obstacle(output, node);
  }
  return `"${output}" comes from no node`;
}

const isBias = ({ type, inputs }: OnnxNode, { constants }: OnnxModel) =>
  type === 'Add' && inputs.some((name) => constants.has(name));

/** The input that is no constant. */
const dataOf = ({ inputs }: OnnxNode, { constants }: OnnxModel) =>
  inputs.find((name) => name !== '' && !constants.has(name)) ?? '';

const obstacle = (output: string, { type, name }: OnnxNode) => `"${output}" comes from ${type} "${name}"`;

/** Biases that are added behind a layer are its own; undefined when one has another number of elements. */
function withBiases(
  { features, axis, weight, bias }: LinearLayer,
  added: readonly string[],
  pooled: boolean,
  { constants }: OnnxModel,
): LastLinearLayer | undefined {
  const sum = bias.slice();
  for (const name of added) {
    const { data } = constants.get(name)!;
    if (data.length !== 1 && data.length !== sum.length) return undefined;
    sum.forEach((value, k) => (sum[k] = value + Number(data[data.length === 1 ? 0 : k])));
  }
  const head = {
    weight: constant(weight, 'head.weight'),
    bias: constant({ data: sum, shape: [sum.length] }, 'head.bias'),
  };
  return { features, axis, pooled, head };
}
