import { constant, type NDArray, type Tensor } from '@farout/tensor';
import type { OnnxNode } from './nodes.ts';

/** Where the search for the last layers ends: everything before stays unchanged. */
const linear = new Set(['Gemm', 'MatMul', 'Conv']);

/** How many nodes after a last layer are searched. */
const deepest = 32;

/**
 * Converts the last layers of a quantised network to single precision: dequantises their weights once, and replaces integer products by products
 * of the real numbers. Hooks change the head and work only on real numbers. All other nodes stay, so onnxruntime computes them in integers, as
 * for the file.
 */
export function floatHeads(
  nodes: readonly OnnxNode[],
  outputs: readonly string[],
  constants: Map<string, Tensor>,
): readonly OnnxNode[] {
  if (!nodes.some(({ type }) => quantised.has(type))) return nodes;
  const heads = new Heads(nodes, constants);
  for (const output of outputs) heads.visit(output, 0);
  return nodes.flatMap((node) => heads.replaced.get(node) ?? [node]);
}

const quantised = new Set(['DequantizeLinear', 'MatMulInteger', 'QLinearMatMul']);

class Heads {
  readonly replaced = new Map<OnnxNode, readonly OnnxNode[]>();
  readonly #producers: ReadonlyMap<string, OnnxNode>;
  readonly #constants: Map<string, Tensor>;
  readonly #seen = new Set<OnnxNode>();

  constructor(nodes: readonly OnnxNode[], constants: Map<string, Tensor>) {
    this.#producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
    this.#constants = constants;
  }

  visit(name: string, depth: number): void {
    const node = this.#producers.get(name);
    if (node?.domain !== '' || depth > deepest || this.#seen.has(node)) return;
    this.#seen.add(node);
    const nodes = this.#rewritten(node);
    if (nodes) {
      this.replaced.set(node, nodes);
      return;
    }
    if (node.type === 'DequantizeLinear') this.#settle(node);
    const inputs = linear.has(node.type) ? node.inputs.slice(1) : node.inputs;
    for (const input of inputs) this.visit(input, depth + 1);
  }

  #rewritten(node: OnnxNode): readonly OnnxNode[] | undefined {
    if (node.type === 'Mul') return this.#fromIntegers(node);
    return node.type === 'QLinearMatMul' ? this.#fromBytes(node) : undefined;
  }

  /** Dequantises a weight or bias of 8 or 32 bits. */
  #settle(node: OnnxNode): void {
    const [values, scale, zero] = node.inputs.map((name) => this.#array(name));
    if (!values || !scale || (node.inputs[2] && !zero)) return;
    const { axis = 1 } = node.attributes;
    this.#set(node.outputs[0]!, dequantised(values, scale, zero, Number(axis)));
    this.replaced.set(node, []);
  }

  /** Replaces (a · B in integers) · (scale of a · scale of B), as used with DynamicQuantizeLinear, by the product of the real numbers. */
  #fromIntegers(node: OnnxNode): readonly OnnxNode[] | undefined {
    for (const [product, factor] of [node.inputs, [...node.inputs].reverse()] as [string, string][]) {
      const integers = this.#producers.get(this.#behindCast(product));
      const scales = this.#producers.get(factor);
      if (integers?.type !== 'MatMulInteger' || scales?.type !== 'Mul') continue;
      const [values, weight, zero = '', weightZero = ''] = integers.inputs as [string, string, string?, string?];
      const [scale, ofWeight] = this.#array(scales.inputs[1]!) ? scales.inputs : [...scales.inputs].reverse();
      return this.#product(node.outputs[0]!, [values, scale!, zero], [weight, ofWeight!, weightZero]);
    }
    return undefined;
  }

  #behindCast(name: string): string {
    const node = this.#producers.get(name);
    return node?.type === 'Cast' ? node.inputs[0]! : name;
  }

  #fromBytes({ inputs, outputs: [output] }: OnnxNode): readonly OnnxNode[] | undefined {
    const [a, b, c] = [inputs.slice(0, 3), inputs.slice(3, 6), inputs.slice(6, 8)];
    const product = this.#product(`${output!} product`, a, b);
    const rounding = { name: output!, type: 'QuantizeLinear', domain: '', attributes: {} };
    return product && [...product, { ...rounding, inputs: [`${output!} product`, ...c], outputs: [output!] }];
  }

  /** The product of two operands, each given by values, scale and zero point; the second is a constant. */
  #product(output: string, a: readonly string[], b: readonly string[]): readonly OnnxNode[] | undefined {
    const [values, scale, zero] = b.map((name) => this.#array(name));
    if (!values || !scale || (b[2] && !zero)) return undefined;
    const [features, weight] = [`${output} features`, `${output} weight`];
    this.#set(weight, dequantised(values, scale, zero, values.shape.length - 1));
    const node = (type: string, inputs: readonly string[], name: string): OnnxNode => ({
      ...{ name, type, domain: '', inputs, outputs: [name], attributes: {} },
    });
    return [node('DequantizeLinear', a, features), node('MatMul', [features, weight], output)];
  }

  #array(name: string): NDArray | undefined {
    const origin = this.#constants.get(name)?.origin;
    return origin?.kind === 'constant' ? origin.array : undefined;
  }

  #set(name: string, array: NDArray): void {
    this.#constants.set(name, constant(array, name));
  }
}

/** (q − zero) · scale, float32; scale and zero are scalars, or have one number per index along an axis. */
function dequantised({ data, shape }: NDArray, scale: NDArray, zero: NDArray | undefined, axis: number): NDArray {
  const along = axis < 0 ? axis + shape.length : axis;
  const inner = shape.slice(along + 1).reduce((product, size) => product * size, 1);
  const size = shape[along] ?? 1;
  const at = (array: NDArray, i: number) =>
    Number(array.data[array.data.length === 1 ? 0 : Math.floor(i / inner) % size]);
  const values = Float32Array.from(
    { length: data.length },
    (_, i) => (Number(data[i]) - (zero ? at(zero, i) : 0)) * at(scale, i),
  );
  return { data: values, shape };
}
