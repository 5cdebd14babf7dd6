import { defineScorer, learnsFrom, z, type LearntTensors, type RowStream } from '@farout/core';
import { grad, type Tensor } from '@farout/tensor';

/**
 * Mahalanobis' distance of the features to the nearest class mean, of an image that was moved towards it, as the log odds of a logistic
 * regression:
 *
 * M(x) = maxₖ −(h(x) − μₖ)ᵀ Σ⁻¹ (h(x) − μₖ),   S(x) = a · M(x + ε · sign ∇ₓ M(x)) + b
 *
 * Step 1 learns μ (K, D) and Σ⁻¹ (D, D), the inverse of the tied covariance; step 2 a and b, from the moved images of the fit set
 * against those of the set `against`, or against their adversarial ones, x + ε′ · sign ∇ₓ −log softmax(f(x))_y, moved likewise.
 *
 * image → score, (N,), higher = more in-distribution. Lee, Lee, Lee, Shin, "A Simple Unified Framework for Detecting
 * Out-of-Distribution Samples and Adversarial Attacks", NeurIPS 2018.
 */
export const mahalanobis = defineScorer({
  name: 'mahalanobis',
  params: z.object({
    magnitude: z.number().min(0).default(0.0014).describe('ε, in units of the normalised input'),
    attack: z.number().min(0).default(0.05).describe('ε′, in the same units'),
    against: z.string().optional().describe('a dataset of OOD images; adversarial ones when absent'),
  }),
  readingsAfter: ({ image, featuresOf, logitsOf }, { magnitude, attack }, { learnt }) => {
    const moved = (x: Tensor) => {
      const near = nearness(featuresOf(x), learnt);
      return nearness(featuresOf(x.add(grad(near.sum(), x).sign().mul(magnitude))), learnt).cast('float32');
    };
    const logits = logitsOf(image);
    const loss = logits.logSumExp().sub(logits.max()).sum();
    return { own: moved(image), adversarial: moved(image.add(grad(loss, image).sign().mul(attack))) };
  },
  fit: ({ against }) => [
    learnsFrom(['features', 'labels'], (rows, { head, classes }) => moments(rows, classes, head.weight.shape[1]!)),
    against === undefined
      ? learnsFrom(['own', 'adversarial'], async (rows) => odds(await all(rows, 'own'), await all(rows, 'adversarial')))
      : learnsFrom(['own'], async (rows, at) => odds(await all(rows, 'own'), await all(at.against, 'own')), {
          against,
        }),
  ],
  score: (_, __, { readings, learnt }) => {
    const [a, b] = [learnt.odds!.gather([0], 0), learnt.odds!.gather([1], 0)];
    return readings.own!.cast('float64').mul(a).add(b).cast('float32');
  },
});

/** M of features, float64 (N). */
function nearness(features: Tensor, { means, precision }: LearntTensors): Tensor {
  const apart = features.cast('float64').unsqueeze([1]).sub(means!);
  return apart.matmul(precision!).mul(apart).sum().neg().max();
}

/** Class means and the inverse of the covariance around them, in two passes over the rows. */
async function moments(rows: RowStream<'features' | 'labels'>, classes: number, width: number) {
  const means = new Float64Array(classes * width);
  const counts = new Float64Array(classes);
  for await (const { features, labels } of rows) {
    for (const [i, y] of labels.entries()) {
      counts[y]!++;
      for (let d = 0; d < width; d++) means[y * width + d]! += features.data[i * width + d]!;
    }
  }
  means.forEach((sum, at) => (means[at] = sum / Math.max(counts[Math.floor(at / width)]!, 1)));
  const covariance = new Float64Array(width * width);
  for await (const { features, labels } of rows) {
    for (const [i, y] of labels.entries()) {
      const apart = features.data
        .subarray(i * width, (i + 1) * width)
        .reduce((all, value, d) => all.fill(value - means[y * width + d]!, d, d + 1), new Float64Array(width));
      for (let d = 0; d < width; d++)
        for (let e = 0; e < width; e++) covariance[d * width + e]! += (apart[d]! * apart[e]!) / rows.count;
    }
  }
  return {
    means: { data: means, shape: [classes, width] },
    precision: { data: inverse(covariance, width), shape: [width, width] },
  };
}

/** Gauss and Jordan; a covariance of many rows needs no exchange of rows. */
function inverse(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  for (let k = 0; k < n; k++) {
    const pivot = a[k * n + k]!;
    a[k * n + k] = 1;
    for (let j = 0; j < n; j++) a[k * n + j]! /= pivot;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = a[i * n + k]!;
      a[i * n + k] = 0;
      for (let j = 0; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
  return a;
}

/** a and b by Newton's method, with a² / 2 added to the loss of standardised scores, so that it ends where nothing overlaps. */
function odds(own: readonly number[], other: readonly number[]) {
  const scores = [...own.map((value) => [value, 1] as const), ...other.map((value) => [value, 0] as const)];
  const mean = scores.reduce((sum, [value]) => sum + value, 0) / scores.length;
  const spread = Math.sqrt(scores.reduce((sum, [value]) => sum + (value - mean) ** 2, 0) / scores.length);
  let [a, b] = [0, 0];
  for (let step = 0; step < 50; step++) {
    let [ga, gb, haa, hab, hbb] = [a, 0, 1, 0, 0];
    for (const [value, isOwn] of scores) {
      const x = (value - mean) / spread;
      const p = 1 / (1 + Math.exp(-(a * x + b)));
      const weight = p * (1 - p);
      [ga, gb] = [ga + (p - isOwn) * x, gb + p - isOwn];
      [haa, hab, hbb] = [haa + weight * x * x, hab + weight * x, hbb + weight];
    }
    const determinant = haa * hbb - hab * hab;
    [a, b] = [a - (hbb * ga - hab * gb) / determinant, b - (haa * gb - hab * ga) / determinant];
  }
  return { odds: { data: Float64Array.of(a / spread, b - (a * mean) / spread), shape: [2] } };
}

/** One number an image: of a reading that is one. */
async function all<Name extends string>(rows: RowStream<Name>, name: Name): Promise<number[]> {
  const found: number[] = [];
  for await (const block of rows) found.push(...(block[name] as { readonly data: Float32Array }).data);
  return found;
}
