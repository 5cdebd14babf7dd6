import { showShape, TensorError } from './shape.ts';
import { constant, type Tensor } from './tensor.ts';

/** The parameters of a batch normalisation over C channels, each a constant of shape (C). */
export interface BatchNorm {
  /** γ; PyTorch calls it weight. */
  readonly scale: Tensor;
  /** β; PyTorch calls it bias. */
  readonly shift: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** Added to the variance, 1e-5 in PyTorch. */
  readonly epsilon?: number;
}

/**
 * A convolution without bias and the normalisation after it as one convolution:
 *
 * γ · (w ∗ x − μ) / √(σ² + ε) + β  =  (s · w) ∗ x + (β − s · μ),  s = γ / √(σ² + ε)
 *
 * Computed in float64 from constants, rounded once to float32.
 * weight (O, I, kH, kW) → weight (O, I, kH, kW), bias (O).
 */
export function foldBatchNorm(weight: Tensor, norm: BatchNorm): { weight: Tensor; bias: Tensor } {
  const w = numbers(weight);
  const vectors = [norm.scale, norm.shift, norm.mean, norm.variance];
  const [gamma, beta, mean, variance] = vectors.map(numbers) as Numbers4;
  const channels = gamma.length;
  if (weight.shape[0] !== channels || vectors.some(({ shape }) => shape.length !== 1 || shape[0] !== channels)) {
    const shapes = [weight, ...vectors].map(({ shape }) => showShape(shape)).join(', ');
    throw new TensorError(`foldBatchNorm: weight and norm must be (O, …) and four times (O), not ${shapes}`);
  }
  const size = w.length / channels;
  const folded = new Float32Array(w.length);
  const bias = new Float32Array(channels);
  for (let o = 0; o < channels; o++) {
    const s = gamma[o]! / Math.sqrt(variance[o]! + (norm.epsilon ?? 1e-5));
    for (let i = o * size; i < (o + 1) * size; i++) folded[i] = w[i]! * s;
    bias[o] = beta[o]! - s * mean[o]!;
  }
  return {
    weight: constant({ data: folded, shape: weight.shape as number[] }, nameOf(weight)),
    bias: constant({ data: bias, shape: [channels] }, nameOf(norm.shift)),
  };
}

type Numbers4 = [Float32Array, Float32Array, Float32Array, Float32Array];

function numbers({ origin }: Tensor): Float32Array {
  if (origin.kind === 'constant' && origin.array.data instanceof Float32Array) return origin.array.data;
  throw new TensorError('foldBatchNorm: only float32 constants can be folded');
}

const nameOf = ({ origin }: Tensor) => (origin.kind === 'constant' ? origin.name : undefined);
