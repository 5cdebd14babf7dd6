import { defineScorer, learnsFrom, type FitContext, type Learnt, type RowStream } from '@farout/core';
import { constant, input } from '@farout/tensor';
import {
  learnResidual,
  principalDimension,
  residualDefaults,
  residualLength,
  residualParams,
} from './residual-space.ts';

/**
 * ViM, virtual-logit matching: the energy minus a virtual logit, which is the distance of the features from the principal space of the fit
 * set's features, scaled to the size of logits,
 *
 * S(x) = log Σₖ exp(fₖ(x)) − α · ‖R·(h(x) − o)‖₂,   o = −W⁺·b,   α = Σᵢ maxₖ fₖ(xᵢ) / Σᵢ ‖R·(h(xᵢ) − o)‖₂ over the fit set
 *
 * Wang, Li, Feng, Zhang, "ViM: Out-Of-Distribution with Virtual-logit Matching", CVPR 2022. The rows of R, (D − D′, D), are the
 * eigenvectors of Σ (h − o)(h − o)ᵀ over the fit set, without the D′ with the largest eigenvalues; o is the point where all logits are 0.
 * It learns them (residual-space.ts) and `alpha` in float64; labels are not needed. With D′ = D no residual is left: the score is the
 * energy.
 *
 * features h, (N, D), logits f, (N, K) → score, (N,), unbounded, often near 0; higher = more in-distribution.
 */
export const vim = defineScorer({
  name: 'vim',
  about: {
    summary:
      'The energy minus the distance of the features from the principal space of the fit set, scaled to the size of logits.',
    formula: 'S(x) = log Σₖ exp(fₖ) − α · ‖R·(h − o)‖₂,  o = −W⁺·b,  α = Σ maxₖ fₖ / Σ ‖R·(h − o)‖₂ over the fit set',
    source: 'Wang, Li, Feng, Zhang, "ViM: Out-Of-Distribution with Virtual-logit Matching", CVPR 2022',
    family: 'features',
    cost: 'D·(D − D′) multiplications per image; fitting computes all eigenvectors of a (D, D) matrix and makes a second pass over the rows',
    defaults: residualDefaults,
  },
  params: residualParams,
  presets: {
    // OpenOOD 1.5, configs/postprocessors/vim.yml, `postprocessor_sweep`.
    openood: { dimension: { sweep: [256, 1000] } },
  },
  fit: ({ dimension }) =>
    learnsFrom(['headInput', 'logits'], async (rows, at) => {
      const D = at.head.weight.shape[1]!;
      const principal = principalDimension(D, dimension);
      if (principal === D) return { alpha: { data: Float64Array.of(0), shape: [] } };
      const space = await learnResidual(principal, at);
      return { ...space, alpha: await learnAlpha(rows, space, at) };
    }),
  score: ({ headInput, logits }, _, { learnt }) => {
    const energy = logits.cast('float64').logSumExp();
    if (!learnt.residual) return energy.cast('float32');
    return energy.sub(residualLength(headInput, learnt).mul(learnt.alpha!)).cast('float32');
  },
});

/** Σ maxₖ fₖ / Σ ‖R·(h − o)‖₂. */
async function learnAlpha(rows: RowStream<'headInput' | 'logits'>, space: Learnt, { compile, head }: FitContext) {
  const [K, D] = head.weight.shape;
  const learnt = { origin: constant(space.origin!), residual: constant(space.residual!) };
  const run = await compile({
    length: residualLength(input('h', ['N', D!]), learnt).sum(),
    most: input('logits', ['N', K!]).cast('float64').max().sum(),
  });
  let [lengths, most] = [0, 0];
  for await (const { headInput, logits } of rows) {
    const found = await run({ h: headInput, logits });
    lengths += Number(found.length!.data[0]);
    most += Number(found.most!.data[0]);
  }
  return { data: Float64Array.of(most / lengths), shape: [] };
}
