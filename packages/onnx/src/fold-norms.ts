import { constant, foldBatchNorm, type Tensor } from '@farout/tensor';
import { arrayOf } from '@farout/tensor/graph';
import type { OnnxNode } from './onnx-node.ts';

/**
 * Convolutions with the batch normalisations after them in their weights: where everything is a float32 constant, and
 * nothing else reads what the convolution gives.
 */
export function foldNorms(
  nodes: readonly OnnxNode[],
  outputs: readonly string[],
  constants: Map<string, Tensor>,
): readonly OnnxNode[] {
  const readers = countReaders(nodes, outputs);
  const convolutions = new Map(
    nodes.flatMap((node) => (node.type === 'Conv' ? [[node.outputs[0]!, node] as const] : [])),
  );
  const replaced = new Map<OnnxNode, OnnxNode>();
  const gone = new Set<OnnxNode>();
  for (const norm of nodes) {
    const conv = norm.type === 'BatchNormalization' ? convolutions.get(norm.inputs[0]!) : undefined;
    const folded = conv && readers.get(conv.outputs[0]!) === 1 ? fold(conv, norm, constants) : undefined;
    if (!folded) continue;
    gone.add(conv!);
    replaced.set(norm, folded);
  }
  return nodes.flatMap((node) => (gone.has(node) ? [] : [replaced.get(node) ?? node]));
}

function countReaders(nodes: readonly OnnxNode[], outputs: readonly string[]): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs]) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  return readers;
}

/** The convolution in the place of the normalisation; undefined where they cannot become one. */
function fold(conv: OnnxNode, norm: OnnxNode, constants: Map<string, Tensor>): OnnxNode | undefined {
  const names = [conv.inputs[1]!, ...norm.inputs.slice(1, 5), ...(conv.inputs[2] ? [conv.inputs[2]] : [])];
  const found = names.map((name) => constants.get(name));
  if (norm.outputs.length > 1 || !found.every((tensor) => tensor?.dtype === 'float32')) return undefined;
  const [weight, scale, shift, mean, variance, bias] = found as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor?];
  const { epsilon } = norm.attributes;
  const folded = foldBatchNorm(weight, {
    scale,
    shift,
    mean: bias ? less(mean, bias) : mean,
    variance,
    epsilon: typeof epsilon === 'object' && 'float' in epsilon ? epsilon.float : 1e-5,
  });
  // What an output is called is no name of a constant, so that these are free.
  const [w, b] = [`${norm.outputs[0]!} weight`, `${norm.outputs[0]!} bias`];
  constants.set(w, folded.weight).set(b, folded.bias);
  return { ...conv, inputs: [conv.inputs[0]!, w, b], outputs: norm.outputs };
}

/** μ − b: a bias before a normalisation moves its mean. */
function less(mean: Tensor, bias: Tensor): Tensor {
  const [m, b] = [mean, bias].map(({ origin }) =>
    origin.kind === 'constant' ? [...origin.array.data].map(Number) : [],
  );
  return constant(
    arrayOf(
      m!.map((value, i) => value - b![i]!),
      [m!.length],
      'float32',
    ),
  );
}
