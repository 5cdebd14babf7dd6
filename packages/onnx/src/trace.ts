import { concat, constant, input, TensorError, type Attributes, type Dimension, type Tensor } from '@farout/tensor';
import { apply, arrayOf, factors, int64, layout, showShape } from '@farout/tensor/graph';
import { inlined, isBranching, undecided, type Branching, type Inlined } from './branches.ts';
import { declaredShape, passThrough, type OnnxValue } from './by-name.ts';
import { foldSizes } from './fold-sizes.ts';
import { importers } from './import/index.ts';
import { knownConstant, NodeUse, type GraphSoFar, type Known, type OnnxNode } from './nodes.ts';
import { OnnxError, unreadable } from './onnx-error.ts';

/** A parsed graph, ready to be applied to inputs. */
export interface ReadGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
  /** What the file declares about inputs, outputs and intermediate values. */
  readonly values: ReadonlyMap<string, OnnxValue>;
  /** The versions of the operator sets, by domain. */
  readonly versions: ReadonlyMap<string, number>;
}

/** All tensors of a graph by name, for these inputs. A tensor given under the name of another value replaces it. */
export function traceGraph(graph: ReadGraph, inputs: Readonly<Record<string, Tensor>>): ReadonlyMap<string, Tensor> {
  const tracer = new GraphTracer(graph, inputs);
  for (const node of graph.nodes) tracer.trace(node);
  return tracer.tensors;
}

/**
 * The nodes of a graph, with each `If` replaced by its chosen branch as far as the sizes in the file decide the condition. Constants of branches
 * are added to those of the graph.
 */
export function chooseBranches(
  graph: ReadGraph & { readonly constants: Map<string, Tensor> },
  inputs: readonly OnnxValue[],
): readonly OnnxNode[] {
  if (!graph.nodes.some(isBranching)) return graph.nodes;
  const known = inputs.filter(({ shape, dtype }) => shape && dtype);
  const given = known.map(({ name, shape, dtype }) => [name, input(name, shape!, dtype)] as const);
  const tracer = new GraphTracer(graph, Object.fromEntries(given));
  return graph.nodes.flatMap((node) => tracer.choose(node, graph.constants));
}

class GraphTracer implements GraphSoFar {
  readonly tensors: Map<string, Tensor>;
  readonly rebatched: boolean;
  readonly #graph: ReadGraph;
  readonly #known = new Map<Tensor, Known>();
  /** The values of the size names in the file. */
  readonly #names = new Map<string, Dimension>();
  /** Where to obtain a named size when the graph runs. */
  readonly #symbols = new Map<string, Tensor>();
  /** The batch, if the file fixes it at 1. */
  readonly #batch: Dimension | undefined;
  /** The values that are given instead of computed. */
  readonly #given: ReadonlySet<string>;
  /** Whether a shape may differ from the file: then nodes that do not fit are passed through by name. */
  #vague = false;

  constructor(graph: ReadGraph, inputs: Readonly<Record<string, Tensor>>) {
    this.#graph = graph;
    this.#given = new Set(Object.keys(inputs));
    this.tensors = new Map([...graph.constants, ...Object.entries(inputs)]);
    for (const [name, tensor] of Object.entries(inputs)) this.#readSizes(tensor, graph.values.get(name));
    const batches = Object.entries(inputs).map(([name, { shape }]) =>
      graph.values.get(name)?.shape?.[0] === 1 && typeof shape[0] === 'string' ? shape[0] : undefined,
    );
    this.#batch = batches.find((size) => size !== undefined);
    this.rebatched = this.#batch !== undefined;
  }

  #readSizes(tensor: Tensor, declared: OnnxValue | undefined): void {
    for (const [axis, size] of tensor.shape.entries()) {
      const name = declared?.shape?.[axis];
      if (typeof name === 'string') this.#names.set(name, size);
      if (typeof size === 'string') {
        this.#symbols.set(size, apply(layout.shapeOf, [tensor], {}).slice(0, axis, axis + 1));
      }
    }
  }

  known(tensor: Tensor): Known | undefined {
    return this.#known.get(tensor) ?? knownConstant(tensor);
  }

  sizes(sizes: readonly Dimension[]): Tensor {
    if (sizes.every((size) => typeof size === 'number')) return constant(int64(sizes));
    const parts = sizes.map((size) => this.#size(size));
    return parts.length === 1 ? parts[0]! : concat(parts, 0);
  }

  /** A size as an axis of one element. */
  #size(size: Dimension): Tensor {
    const { names, count } = factors(size);
    return names.reduce(
      (product, name) => {
        const symbol = this.#symbols.get(name);
        if (!symbol) throw new OnnxError(`the size "${name}" is not the size of any input`);
        return product.mul(symbol);
      },
      constant(int64([count])),
    );
  }

  /** The node, or the nodes of its chosen branch; nodes that cannot be built yet are left for later. */
  choose(node: OnnxNode, constants: Map<string, Tensor>): readonly OnnxNode[] {
    const branch = isBranching(node) ? this.#branch(node) : undefined;
    if (branch) {
      for (const [name, tensor] of branch.constants) {
        constants.set(name, tensor);
        this.tensors.set(name, tensor);
      }
      return branch.nodes.flatMap((each) => this.choose(each, constants));
    }
    try {
      if (!isBranching(node)) this.trace(node);
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
    }
    return [node];
  }

  #branch(node: Branching): Inlined | undefined {
    const condition = this.tensors.get(node.inputs[0] ?? '');
    return inlined(node, condition && this.known(condition), this.#graph.versions.get('') ?? 1);
  }

  trace(node: OnnxNode): void {
    if (isBranching(node)) {
      const branch = this.#branch(node);
      if (!branch) throw undecided(node);
      for (const [name, tensor] of branch.constants) this.tensors.set(name, tensor);
      for (const each of branch.nodes) this.trace(each);
      return;
    }
    const operands = node.inputs.map((name) => (name === '' ? undefined : this.#operand(name, node)));
    const use = new NodeUse(node, this.#graph.versions.get(node.domain) ?? 1, operands, this);
    const results = this.#results(use);
    for (const [i, name] of node.outputs.entries()) {
      const tensor = results[i];
      if (name === '' || !tensor || this.#given.has(name)) continue;
      checkSizes(node, tensor);
      this.tensors.set(name, tensor);
    }
  }

  #operand(name: string, node: OnnxNode): Tensor {
    const tensor = this.tensors.get(name);
    if (tensor) return tensor;
    throw new OnnxError(`${node.type} "${node.name}" reads "${name}", which no earlier node produces`);
  }

  #results(use: NodeUse): readonly (Tensor | undefined)[] {
    const { node, inputs } = use;
    try {
      const complete = inputs.every((input) => input === undefined || input.hasShape);
      const importer = node.domain === '' && complete ? importers.get(node.type) : undefined;
      const folded = node.domain === '' && complete ? foldSizes(use) : undefined;
      if (folded && folded.length > 0) return folded.map((known) => this.#knownTensor(known));
      const found = importer?.(use);
      if (found) return [found].flat();
    } catch (error) {
      if (!(error instanceof TensorError && this.#vague))
        throw unreadable(`${node.type} "${node.name}" cannot be read`, error);
    }
    return this.#byName(use);
  }

  #byName({ node, version, inputs }: NodeUse): readonly Tensor[] {
    this.#vague = true;
    const declared = node.outputs.map((name) => {
      const value = this.#graph.values.get(name);
      return value && { ...value, shape: declaredShape(value.shape, this.#names, this.#batch) };
    });
    return passThrough(node, version, inputs, declared);
  }

  #knownTensor(known: Known): Tensor {
    const { values, dtype } = known;
    const numbers = values.every((value) => typeof value === 'number');
    const tensor = numbers ? constant(arrayOf(values, shapeOf(known), dtype), undefined, dtype) : this.#named(known);
    this.#known.set(tensor, known);
    return tensor;
  }

  #named(known: Known): Tensor {
    return this.sizes(known.values).cast(known.dtype).reshape(shapeOf(known));
  }
}

function checkSizes({ type, name }: OnnxNode, tensor: Tensor): void {
  if (
    !tensor.hasShape ||
    tensor.shape.every((size) => typeof size === 'string' || (Number.isInteger(size) && size >= 0))
  )
    return;
  throw new OnnxError(`${type} "${name}" would have the shape ${showShape(tensor.shape)}`);
}

function shapeOf({ values, scalar, columns }: Known): readonly number[] {
  if (scalar) return [];
  return columns === undefined ? [values.length] : [values.length / columns, columns];
}

/** The operator set and its version, and the number of results. */
export interface OnnxOperatorOptions {
  /** The domain of the operator; default: '', ONNX's own. */
  readonly domain?: string;
  /** The version of that operator set; default: 20. */
  readonly version?: number;
  /** The number of results; default: 1. */
  readonly results?: number;
}

/**
 * Applies an ONNX operator by name, as if it had been read from a file. Use it for operators that tensors have no method for. An operator without
 * an importer runs too, but has no known shape and no derivative.
 *
 * @throws OnnxError when the operands do not fit.
 */
export function onnxOperator(
  type: string,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes = {},
  { domain = '', version = 20, results = 1 }: OnnxOperatorOptions = {},
): readonly Tensor[] {
  const names = inputs.map((input, i) => (input ? `input ${i}` : ''));
  const outputs = Array.from({ length: results }, (_, i) => `output ${i}`);
  const tensors = traceGraph(
    {
      nodes: [{ name: type, type, domain, inputs: names, outputs, attributes }],
      constants: new Map(inputs.flatMap((input, i) => (input ? [[names[i]!, input] as const] : []))),
      values: new Map(),
      versions: new Map([[domain, version]]),
    },
    {},
  );
  return outputs.map((name) => tensors.get(name)!);
}
