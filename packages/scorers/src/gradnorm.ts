import { defineScorer } from '@farout/core';

/**
 * GradNorm: the L1 norm of the gradient, with respect to the weights of the last layer, of the cross-entropy between the uniform
 * distribution (times K, as in the authors' code) and the softmax. For a linear layer it is a product of two sums:
 *
 * S(x) = ‖∂/∂W Σₖ −log softmax(W h + b)ₖ‖₁ = ‖h‖₁ · Σₖ |K · pₖ − 1|,   p = softmax(f)
 *
 * Huang, Geng, Li, "On the Importance of Gradients for Detecting Distributional Shifts in the Wild", NeurIPS 2021; temperature 1.
 *
 * features h, shape (N, D), and logits f, (N, K) → score, shape (N,), from 0 up, in units of the features, higher = more
 * in-distribution.
 */
export const gradnorm = defineScorer({
  name: 'gradnorm',
  about: {
    summary: 'The L1 norm of the gradient of the cross-entropy with the uniform distribution, at the last layer.',
    formula: 'S(x) = ‖h‖₁ · Σₖ |K · pₖ − 1|,  p = softmax(f(x))',
    source:
      'Huang, Geng, Li, "On the Importance of Gradients for Detecting Distributional Shifts in the Wild", NeurIPS 2021',
    family: 'gradient',
    cost: 'Two sums per image (no gradient is computed); learns nothing.',
  },
  score: ({ headInput, logits }) => {
    const p = logits.cast('float64').softmax();
    const residual = p.mul(Number(logits.shape[1])).sub(1).abs().sum();
    return headInput.cast('float64').abs().sum().mul(residual).cast('float32');
  },
});
