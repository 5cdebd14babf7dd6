import type { Dimension, Tensor } from '@farout/tensor';
import { type Known, numbersOf } from './known.ts';
import { OnnxError } from './onnx-error.ts';
import type { OnnxNode } from './onnx-node.ts';

/** What a node may ask about the graph that is being built. */
export interface GraphSoFar {
  /** The numbers of a tensor, where they are known already. */
  readonly known: (tensor: Tensor) => Known | undefined;
  /** Sizes as an int64 tensor of one axis, named ones computed when the graph runs. */
  readonly sizes: (sizes: readonly Dimension[]) => Tensor;
  /** Whether the file fixes the batch at 1 while it is a name here: then a 1 in a shape may mean the batch. */
  readonly rebatched: boolean;
}

/** A node with its operands, as an importer sees it. */
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

  /** The input at a position, which must be there. */
  tensor(position: number): Tensor {
    const found = this.inputs[position];
    if (found) return found;
    throw new OnnxError(`${this.node.type} "${this.node.name}" lacks its input ${position}`);
  }

  get x(): Tensor {
    return this.tensor(0);
  }

  /** How many results are asked for. */
  get results(): number {
    return this.node.outputs.length;
  }

  known(position: number): Known | undefined {
    const tensor = this.inputs[position];
    return tensor && this.graph.known(tensor);
  }

  /** The numbers of an input, where they are known. */
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

  /** Whole numbers that older operator sets keep in an attribute and newer ones in an input. */
  intsOrInput(name: string, position: number): readonly number[] | undefined {
    return this.ints(name) ?? this.numbers(position);
  }
}

/** What a node becomes: its results, or undefined where this form of the operator is not known here. */
export type Importer = (use: NodeUse) => Tensor | readonly (Tensor | undefined)[] | undefined;
