import { defineScorer, learnsFrom, z } from '@farout/core';
import { input, type Tensor } from '@farout/tensor';
import { predictedMeans } from './class-means.ts';
import { generalisedEntropy } from './gen.ts';

/**
 * CADRef, class-aware decoupled relative features: CARef's distance split by sign. s is the sign of the weights w_y of the predicted class
 * y. The part of h − μ_y with the same sign as w_y is divided by the confidence L(f) of the image's own logits, the part with the opposite
 * sign by the mean confidence L̄:
 *
 * S(x) = −(Σ max(s ∘ (h − μ_y), 0) / L(f) + Σ max(−s ∘ (h − μ_y), 0) / L̄) / ‖h‖₁,   s = sign w_y,   y = argmaxₖ fₖ
 *
 * L is a score of the logits, by default the energy log Σₖ exp(fₖ), and L̄ its mean over the fit set. Where L is negative, the sign of that
 * part flips, as in the authors' code. μₖ is the mean of the features of the fit images predicted as class k; fitting fails if no image is
 * predicted as some class. `learnt.means`: float64 (K, D); `learnt.level`: L̄, a float64 scalar.
 *
 * Ling et al., "CADRef: Robust Out-of-Distribution Detection via Class-Aware Decoupled Relative Feature Leveraging", CVPR 2025.
 *
 * features h, shape (N, D), logits f, (N, K), and head W, (K, D) → score, shape (N,), in units of 1 / L, higher = more in-distribution.
 */
export const cadref = defineScorer({
  name: 'cadref',
  about: {
    summary:
      'CARef split by the sign of the predicted class’s weights: differences with that sign count less when the logits are confident.',
    formula:
      'S(x) = −(Σ max(s ∘ (h − μ_y), 0) / L(f) + Σ max(−s ∘ (h − μ_y), 0) / L̄) / ‖h‖₁,  s = sign w_y,  y = argmaxₖ fₖ(x)',
    source:
      'Ling et al., "CADRef: Robust Out-of-Distribution Detection via Class-Aware Decoupled Relative Feature Leveraging", CVPR 2025',
    family: 'distance',
    cost: 'Two sums per image; learns K feature means; reads the features and logits of the fit set twice.',
    defaults: "the authors'",
  },
  params: z.object({
    logits: z
      .enum(['energy', 'msp', 'max-logit', 'gen'])
      .default('energy')
      .describe(
        'L, the confidence of the logits; `gen` is 1 / Σ p^0.1 (1 − p)^0.1 over the largest tenth of the probabilities, at least ten',
      ),
  }),
  fit: ({ logits: score }) =>
    learnsFrom(['headInput', 'logits'], async (rows, at) => {
      const means = await predictedMeans('headInput', rows, 'cadref', at);
      const run = await at.compile({ scores: sureness[score](input('logits', ['N', at.classes])) });
      let sum = 0;
      for await (const { logits } of rows) {
        at.signal.throwIfAborted();
        const { scores } = await run({ logits });
        for (const each of scores!.data as Float64Array) sum += each;
      }
      return { means, level: { data: Float64Array.of(sum / rows.count), shape: [] } };
    }),
  score: ({ headInput, logits, head }, { logits: score }, { learnt }) => {
    const y = logits.argMax();
    const h = headInput.cast('float64');
    const side = h.sub(learnt.means!.gather(y, 0)).mul(head.weight.gather(y, 0).sign().cast('float64'));
    const towards = side.relu().sum().div(sureness[score](logits));
    const against = side.neg().relu().sum().div(learnt.level!);
    return towards
      .add(against)
      .div(h.norm(-1, { p: 1 }).maximum(tiny))
      .neg()
      .cast('float32');
  },
});

/** Smaller than any meaningful feature norm; keeps the score of all-zero features finite. */
const tiny = 1e-12;

/** L of logits, float64 (N). */
const sureness = {
  energy: (logits: Tensor) => logits.cast('float64').logSumExp(),
  msp: (logits: Tensor) => logits.cast('float64').softmax().max(),
  'max-logit': (logits: Tensor) => logits.cast('float64').max(),
  gen: (logits: Tensor) => {
    const classes = Number(logits.shape[1]);
    return generalisedEntropy(logits, { gamma: 0.1, M: Math.max(10, Math.floor(classes / 10)) }).pow(-1);
  },
};
