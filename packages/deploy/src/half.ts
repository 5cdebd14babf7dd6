import { fromFloat16, toFloat16, type Tensor, type TypedArray } from '@farout/tensor';
import { inputsOf } from '@farout/tensor/graph';

/** The weights that a file stores in half precision, and the number of weight arrays kept in single precision. */
export interface HalfWeights {
  readonly arrays: ReadonlySet<TypedArray>;
  readonly kept: number;
}

/** Minimum size of an array: smaller ones, such as biases, save nothing. */
const fewest = 1024;

/** Largest relative error; rounding to float16 has a relative error of 2⁻¹¹, except for tiny numbers. */
const mostError = 2 ** -10;

/**
 * The weights behind a network's logits that float16 can represent: arrays with a relative error of at most 2⁻¹⁰, √Σ(w − w₁₆)² ≤
 * 2⁻¹⁰ · √Σw². An array with a number beyond 65504, which would become infinite, or with mostly tiny numbers, for which float16 has few digits,
 * stays in single precision. So do the fitted values of hooks and scorers, which are compared with numbers close to them.
 */
export function halfWeights(logits: Tensor): HalfWeights {
  const weights = [...largeConstants(logits)];
  const arrays = new Set<TypedArray>(weights.filter(isHeld));
  return { arrays, kept: weights.length - arrays.size };
}

function largeConstants(root: Tensor): ReadonlySet<Float32Array> {
  const reached = new Set([root]);
  const found = new Set<Float32Array>();
  for (const tensor of reached) {
    for (const operand of inputsOf(tensor)) reached.add(operand);
    const { origin } = tensor;
    if (origin.kind !== 'constant' || !(origin.array.data instanceof Float32Array)) continue;
    if (origin.array.data.length >= fewest) found.add(origin.array.data);
  }
  return found;
}

function isHeld(weights: Float32Array): boolean {
  const halves = fromFloat16(toFloat16(weights));
  let error = 0;
  let size = 0;
  for (let at = 0; at < weights.length; at++) {
    const weight = weights[at]!;
    const half = halves[at]!;
    // −∞, which masks a class in some networks, is represented exactly.
    if (weight === half && !Number.isFinite(weight)) continue;
    error += (weight - half) ** 2;
    size += weight ** 2;
  }
  return Math.sqrt(error) <= mostError * Math.sqrt(size);
}
