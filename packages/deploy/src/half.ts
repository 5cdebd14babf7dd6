import { fromFloat16, toFloat16, type Tensor, type TypedArray } from '@farout/tensor';
import { inputsOf } from '@farout/tensor/graph';

/** Weights of a network that a file has in half precision, and how many arrays of them it has as they are. */
export interface HalfWeights {
  readonly arrays: ReadonlySet<TypedArray>;
  readonly kept: number;
}

/** Smaller arrays, such as biases, would save nothing. */
const fewest = 1024;

/** The rounding of a float16 number that is not tiny is 2⁻¹¹ of it. */
const mostError = 2 ** -10;

/**
 * The weights behind a network's logits that float16 can hold: those whose float16 numbers are off by at most 2⁻¹⁰ of them, √Σ(w − w₁₆)² ≤
 * 2⁻¹⁰ · √Σw². One with a number beyond 65504, which would be infinite, or with mostly tiny ones, of which float16 has few digits, is kept
 * in single precision. What hooks and scorers learnt is not among them: they are compared with numbers that are close to each other.
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
    // −∞, which masks a class in some networks, is held as it is.
    if (weight === half && !Number.isFinite(weight)) continue;
    error += (weight - half) ** 2;
    size += weight ** 2;
  }
  return Math.sqrt(error) <= mostError * Math.sqrt(size);
}
