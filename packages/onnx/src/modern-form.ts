import { constant, type NDArray, type Tensor } from '@farout/tensor';
import { arrayOf, type Attributes, type AttributeValue, int64 } from '@farout/tensor/graph';
import type { OnnxNode } from './onnx-node.ts';

/** Attributes that became inputs in newer operator sets, in the order of these inputs, which begin at the second. */
const moved: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'].map((what) => [
      `Reduce${what}`,
      ['axes'],
    ]),
  ),
  Squeeze: ['axes'],
  Unsqueeze: ['axes'],
  Split: ['split'],
  Slice: ['starts', 'ends', 'axes'],
  Pad: ['pads', 'value'],
  Clip: ['min', 'max'],
  TopK: ['k'],
  Dropout: ['ratio'],
};

/** A node's operands and attributes in the form that the newest operator set wants. */
export function modernForm(
  { type, domain, attributes: own, outputs }: OnnxNode,
  inputs: readonly (Tensor | undefined)[],
): { readonly inputs: readonly (Tensor | undefined)[]; readonly attributes: Attributes } {
  const attributes = isEvenSplit(type, domain, own, inputs) ? { ...own, num_outputs: outputs.length } : own;
  const names = domain === '' && Object.hasOwn(moved, type) ? moved[type]! : [];
  if (!names.some((name) => name in attributes)) return { inputs, attributes };
  const added = names.map((name) => (name in attributes ? constant(asArray(attributes[name]!)) : undefined));
  const kept = Object.entries(attributes).filter(([name]) => !names.includes(name));
  return { inputs: [inputs[0], ...added], attributes: Object.fromEntries(kept) };
}

/** Newer operator sets want to be told into how many equal parts. */
const isEvenSplit = (type: string, domain: string, { split }: Attributes, inputs: readonly unknown[]) =>
  domain === '' && type === 'Split' && split === undefined && !inputs[1];

/** `k` is a list of one, as `axes` are of several; a bound is a scalar. */
function asArray(value: AttributeValue): NDArray {
  if (typeof value === 'object' && 'float' in value) return arrayOf([value.float], [], 'float32');
  return int64([value as number | readonly number[]].flat());
}
