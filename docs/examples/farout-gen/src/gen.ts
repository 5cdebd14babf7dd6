import { defineScorer, z } from '@farout/core';
import { constant, type Tensor } from '@farout/tensor';
import { largest } from './largest.ts';

/** Stands for log 0: finite, so that nothing becomes NaN, and its exponential is 0 in float32. */
const logZero = -1e30;

/**
 * GEN, the generalised entropy: S(x) = −Σₖ pₖᵞ (1 − pₖ)ᵞ over the M largest pₖ, p = softmax(f).
 *
 * Liu et al., "GEN: Pushing the Limits of Softmax-Based Out-of-Distribution Detection", CVPR 2023.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), −M · 4⁻ᵞ to 0, higher = more in-distribution.
 */
export const gen = defineScorer({
  name: 'generalised-entropy',
  about: {
    summary: 'Generalised entropy of the largest softmax probabilities',
    formula: 'S(x) = −Σₖ pₖᵞ (1 − pₖ)ᵞ over the M largest pₖ',
    source: 'Liu et al., "GEN: Pushing the Limits of Softmax-Based Out-of-Distribution Detection", CVPR 2023',
  },
  params: z.object({
    gamma: z.number().gt(0).lt(1).default(0.1).describe('γ, unitless; 0.1 in the paper'),
    classes: z
      .int()
      .min(1)
      .default(100)
      .describe('M, how many of the largest probabilities count; 100 of 1,000 in the paper'),
  }),
  score: ({ logits: f }, { gamma, classes }) => {
    const terms = logP(f).add(logRest(f)).mul(gamma).exp();
    return largest(f, Math.min(classes, classesOf(f)))
      .mul(terms)
      .sum()
      .neg();
  },
});

const classesOf = ({ shape }: Tensor) => shape[1] as number;

/** log pₖ = fₖ − log Σ exp f, (N, K); finite where pₖ itself would be 0. */
const logP = (f: Tensor) => f.sub(f.logSumExp().unsqueeze([1]));

/**
 * log (1 − pₖ), (N, K). Where pₖ is close to 1 the difference has no digits left, and all images of which the network is sure
 * would score alike. That can be at one k only, the largest logit: there 1 − pₖ is the sum of the others.
 */
function logRest(f: Tensor): Tensor {
  const isFirst = isArgMax(f);
  const others = isFirst.where(logZero, f);
  const ofFirst = others.logSumExp().sub(f.logSumExp()).unsqueeze([1]);
  const ofOthers = isFirst.where(0, f.softmax()).neg().add(1).log();
  return isFirst.where(ofFirst, ofOthers);
}

/** Whether k is the largest logit's, the first of equals, bool (N, K). */
function isArgMax(f: Tensor): Tensor {
  const classes = BigInt64Array.from({ length: classesOf(f) }, (_, k) => BigInt(k));
  return constant({ data: classes, shape: [classes.length] }).equal(f.argMax().unsqueeze([1]));
}
