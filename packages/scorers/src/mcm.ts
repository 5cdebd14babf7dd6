import { defineScorer, z } from '@farout/core';

/**
 * MCM, maximum concept matching: the largest softmax probability of the cosines between the features and the head's rows, without the logit
 * scale that such encoders use: S(x) = maxₖ softmax(cos(h, wₖ) / τ)ₖ.
 *
 * The rows wₖ are the embeddings of the class names; their length does not matter, and the bias is not used. All-zero features have the
 * cosine 0. It makes no difference whether the head normalises the features.
 *
 * Ming et al., "Delving into Out-of-Distribution Detection with Vision-Language Representations", NeurIPS 2022.
 *
 * features h, shape (N, D), head W, (K, D) → score, shape (N,), a probability in 1/K..1, higher = more in-distribution.
 */
export const mcm = defineScorer({
  name: 'mcm',
  about: {
    summary: 'The largest softmax probability of the cosines between the features and the class embeddings.',
    formula: 'S(x) = maxₖ softmax(cos(h, wₖ) / τ)ₖ',
    source:
      'Ming et al., "Delving into Out-of-Distribution Detection with Vision-Language Representations", NeurIPS 2022',
    family: 'logits',
    cost: 'One more product with the last layer; learns nothing.',
    defaults: "the paper's",
  },
  params: z.object({
    tau: z.number().positive().default(1).describe('τ, the temperature, unitless; 1 in the paper'),
  }),
  presets: {
    // OpenOOD 1.5, configs/postprocessors/mcm.yml, `postprocessor_sweep`.
    openood: { tau: { sweep: [0.01, 1, 10] } },
  },
  score: ({ headInput, head }, { tau }) => {
    const [h, w] = [headInput, head.weight].map((each) => {
      const rows = each.cast('float64');
      return rows.div(rows.norm(-1, { keepDims: true }).maximum(tiny));
    });
    return h!.matmul(w!.transpose(1, 0)).div(tau).softmax().max().cast('float32');
  },
});

/** Smaller than any meaningful norm; rows of zeros are divided by it. */
const tiny = 1e-12;
