import { belowZero, notFinite, type Tensor } from '@farout/tensor';
import type { OnnxNode } from './nodes.ts';
import { OnnxError } from './onnx-error.ts';

/** The operands of an operator that multiply or scale data from the image: an infinity there is meaningless. */
const factors: Readonly<Record<string, readonly number[]>> = {
  Conv: [1],
  ConvTranspose: [1],
  Gemm: [0, 1],
  MatMul: [0, 1],
  BatchNormalization: [1, 2, 3, 4],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  DequantizeLinear: [1],
  PRelu: [1],
};

/** The operand of a normalisation that is a variance. */
const variance = 4;

/** How many constants an error lists before it counts the rest. */
const spelledOut = 8;

/**
 * Refuses NaN in any constant read by a node, ±∞ in weights, +∞ in any list of numbers, and negative variances. Elsewhere, −∞ is a mask, as in the
 * bias of a class or in attention, and a single ∞ is a bound.
 *
 * @throws OnnxError OOD_WEIGHTS_INVALID with the names, the number of invalid values, and the position of the first.
 */
export function refuseInvalid(nodes: readonly OnnxNode[], constants: ReadonlyMap<string, Tensor>): void {
  const read = new Map<string, boolean>();
  for (const { type, domain, inputs } of nodes) {
    const scaling = domain === '' ? (factors[type] ?? []) : [];
    inputs.forEach((name, i) => read.set(name, scaling.includes(i) || (read.get(name) ?? false)));
  }
  refuse(
    'weights that are not finite',
    [...read].flatMap(([name, scales]) => finding(name, constants.get(name), scales)),
  );
  const variances = nodes.flatMap(({ type, domain, inputs }) =>
    domain === '' && type === 'BatchNormalization' ? [inputs[variance]!] : [],
  );
  refuse(
    'variances below 0',
    [...new Set(variances)].flatMap((name) => negative(name, constants.get(name))),
  );
}

function refuse(what: string, findings: readonly string[]): void {
  if (findings.length === 0) return;
  const rest = findings.length - spelledOut;
  const lines = [...findings.slice(0, spelledOut), ...(rest > 0 ? [`and ${rest} more`] : [])];
  throw new OnnxError(`it contains ${what}\n  ${lines.join('\n  ')}`, {
    code: 'OOD_WEIGHTS_INVALID',
  });
}

function finding(name: string, tensor: Tensor | undefined, scales: boolean): string[] {
  if (tensor?.origin.kind !== 'constant') return [];
  const { array } = tensor.origin;
  const isBound = !scales && array.data.length === 1 && !Number.isNaN(array.data[0]);
  const found = isBound ? undefined : notFinite(array, { masks: !scales });
  return found === undefined ? [] : [`${name}: ${found}`];
}

function negative(name: string, tensor: Tensor | undefined): string[] {
  const found = tensor?.origin.kind === 'constant' ? belowZero(tensor.origin.array) : undefined;
  return found === undefined ? [] : [`${name}: ${found}`];
}
