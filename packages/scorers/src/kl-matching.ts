import { defineScorer, learnsFrom } from '@farout/core';
import { meansByClass, predictedAt, rowAt } from './class-means.ts';

/**
 * KL matching: how far the softmax probabilities p are from the nearest of K templates, S(x) = −minₖ Σⱼ pⱼ · log(pⱼ / qₖⱼ).
 *
 * The template qₖ is the mean of p over the fit images predicted as class k; no labels are needed. If no image is predicted as class k, qₖ
 * is one-hot, and every p that is not one-hot itself is infinitely far from it. Terms with pⱼ = 0 add nothing. `learnt.logs`: log q,
 * float64 (K, K), 0 where q is 0; `learnt.zeros`: uint8, 1 where q is 0.
 *
 * Hendrycks et al., "Scaling Out-of-Distribution Detection for Real-World Settings", ICML 2022.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), in nats, at most 0, higher = more in-distribution.
 */
export const klMatching = defineScorer({
  name: 'kl-matching',
  about: {
    summary: 'Minus the KL divergence of the softmax probabilities from the nearest mean of a predicted class.',
    formula: 'S(x) = −minₖ KL(p ‖ qₖ),  qₖ the mean p of the fit images predicted as class k',
    source: 'Hendrycks et al., "Scaling Out-of-Distribution Detection for Real-World Settings", ICML 2022',
    aliases: ['klm'],
    family: 'logits',
    cost: 'Two products with a K × K matrix per image; learns K mean probability vectors.',
  },
  fit: () =>
    learnsFrom(['logits'], async (rows, at) => {
      const { means, counts } = await meansByClass(
        rows,
        ({ logits }, i) => ({ row: softmax(rowAt(logits, i)), y: predictedAt(logits, i) }),
        at,
      );
      const q = means.data;
      counts.forEach((count, y) => {
        if (count === 0) q[y * counts.length + y] = 1;
      });
      return {
        logs: { data: q.map((each) => (each === 0 ? 0 : Math.log(each))), shape: means.shape },
        zeros: { data: Uint8Array.from(q, (each) => Number(each === 0)), shape: means.shape },
      };
    }),
  score: ({ logits }, _, { learnt }) => {
    const z = logits.cast('float64');
    const f = z.sub(z.logSumExp().unsqueeze([1]));
    const p = f.exp();
    const own = p.equal(0).where(0, p.mul(f)).sum(-1, { keepDims: true });
    const cross = p.matmul(learnt.logs!.transpose(1, 0));
    const outside = p.greater(0).cast('float32').matmul(learnt.zeros!.cast('float32').transpose(1, 0));
    return outside.greater(0).where(Infinity, own.sub(cross)).min().neg().cast('float32');
  },
});

const { exp } = Math;

function softmax(f: Float32Array): Float64Array {
  const largest = f.reduce((a, b) => (a > b ? a : b));
  const e = Float64Array.from(f);
  let sum = 0;
  for (let k = 0; k < e.length; k++) sum += e[k] = exp(e[k]! - largest);
  for (let k = 0; k < e.length; k++) e[k]! /= sum;
  return e;
}
