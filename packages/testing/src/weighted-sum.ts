import { constant, type Tensor } from '@farout/tensor';

/** One number per image out of all of its outputs, (N, K) → (N): Σₖ rₖ · yₖ with fixed r, no two neighbours alike. */
export function weightedSum(outputs: Tensor): Tensor {
  const classes = outputs.shape[1] as number;
  const weights = Float32Array.from({ length: classes }, (_, k) => 1 + ((k * 7) % 5) / 3);
  return outputs.mul(constant({ data: weights, shape: [classes] })).sum();
}
