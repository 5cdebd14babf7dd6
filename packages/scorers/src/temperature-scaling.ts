import { defineScorer, FaroutError, learnsFrom, z, type RowStream } from '@farout/core';

/**
 * The largest softmax probability at the temperature that calibrates the network: S(x) = maxₖ softmax(f(x) / T)ₖ.
 *
 * T is given, or learnt from the labels of the fit set, where it minimises the mean cross-entropy −log softmax(f / T)_y. By 1 / T that
 * is a convex function of one variable, and Newton's method finds its minimum; other implementations stop LBFGS before it, so that
 * their T depends on where they start. T lies within 0.1..10: a network that errs on none of the images has its minimum at T = 0, one whose
 * minimum lies beyond 10 has the wrong labels, and both are refused. `learnt.temperature`: a float64 scalar.
 *
 * Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017; as a score in OpenOOD and pytorch-ood.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), a probability in 1/K..1, higher = more in-distribution.
 */
export const temperatureScaling = defineScorer({
  name: 'temperature-scaling',
  about: {
    summary: 'The largest softmax probability at the temperature that calibrates the network.',
    formula: 'S(x) = maxₖ softmax(f(x) / T)ₖ,  T given or that of the least cross-entropy on the fit set',
    source: 'Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017',
    family: 'logits',
    cost: 'Learning reads the logits of the fit set some six times; a softmax for each image.',
  },
  params: z.object({
    temperature: z
      .number()
      .positive()
      .optional()
      .describe('T, unitless; when absent it is learnt from the labels of the fit set'),
  }),
  fit: ({ temperature }) =>
    temperature === undefined
      ? learnsFrom(['logits', 'labels'], async (rows, { signal }) => ({
          temperature: { data: Float64Array.of(1 / (await bestInverse(rows, signal))), shape: [] },
        }))
      : undefined,
  score: ({ logits }, { temperature }, { learnt }) =>
    logits
      .cast('float64')
      .div(temperature ?? learnt.temperature!)
      .softmax()
      .max()
      .cast('float32'),
});

/** 1 / T within which T is looked for. */
const [least, most] = [0.1, 10];

/** Newton's steps from 1 / T = 1, by halves where one would leave what is known to hold the minimum. */
async function bestInverse(rows: RowStream<'logits' | 'labels'>, signal: AbortSignal): Promise<number> {
  if ((await derivatives(rows, most, signal)).slope <= 0) throw noErrors(rows.count);
  let [low, high, inverse] = [-Infinity, most, 1];
  for (let step = 0; step < 100; step++) {
    const { slope, curvature } = await derivatives(rows, inverse, signal);
    if (slope === 0) break;
    if (slope > 0) high = inverse;
    else low = inverse;
    if (high <= least) throw wrongLabels();
    const newton = Math.max(inverse - slope / curvature, least);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    const moved = Math.abs(next - inverse);
    inverse = next;
    if (moved <= 1e-12 * inverse) break;
  }
  return inverse;
}

/** The derivatives by b = 1 / T of Σ −log softmax(b · f)_y: with p = softmax(b · f), Σ (E_p[f] − f_y) and Σ Var_p[f]. */
async function derivatives(rows: RowStream<'logits' | 'labels'>, b: number, signal: AbortSignal) {
  let [slope, curvature] = [0, 0];
  for await (const { logits, labels } of rows) {
    signal.throwIfAborted();
    const width = logits.shape[1];
    for (let i = 0; i < labels.length; i++) {
      const f = logits.data.subarray(i * width, (i + 1) * width);
      const { mean, variance, largest } = spreadOf(f, b);
      slope += mean - (f[labels[i]!]! - largest);
      curvature += variance;
    }
  }
  return { slope, curvature };
}

const { exp } = Math;

/** The largest of some logits; mean and variance of what they have less, by the probabilities softmax(b · f). */
function spreadOf(f: Float32Array, b: number) {
  let largest = -Infinity;
  for (const each of f) if (each > largest) largest = each;
  let [sum, first, second] = [0, 0, 0];
  for (const each of f) {
    const away = each - largest;
    const e = exp(b * away);
    if (e === 0) continue;
    sum += e;
    first += e * away;
    second += e * away * away;
  }
  const mean = first / sum;
  return { mean, variance: second / sum - mean * mean, largest };
}

const noErrors = (images: number) =>
  new FaroutError(
    'OOD_DETECTOR_FAILED',
    `temperature-scaling finds no temperature of 0.1 or more: the network misclassifies hardly any of the ${images} images of the fit set`,
    {
      fix: 'Fit on images that the network was not trained on, or set `temperature`.',
    },
  );

const wrongLabels = () =>
  new FaroutError(
    'OOD_DETECTOR_FAILED',
    "temperature-scaling finds no temperature: the network's logits say nothing about the labels",
    {
      fix: 'Check that the labels of the fit set number the classes as the network does, or set `temperature`.',
    },
  );
