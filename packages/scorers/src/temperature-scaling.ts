import { defineScorer, FaroutError, learnsFrom, z, type RowStream } from '@farout/core';

/**
 * The largest softmax probability at the temperature that calibrates the network: S(x) = maxₖ softmax(f(x) / T)ₖ.
 *
 * T is given, or learnt from the labels of the fit set as the minimum of the mean cross-entropy −log softmax(f / T)_y. In 1 / T this is a
 * convex function of one variable, and Newton's method finds its minimum. Other implementations stop L-BFGS early, so their T depends on
 * where they start. T lies within 0.1..10. A network that makes no errors on the images has its minimum at T = 0; a minimum beyond 10 means
 * that the labels are wrong. Both are errors. `learnt.temperature`: a float64 scalar.
 *
 * Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017; as a score in OpenOOD and pytorch-ood.
 *
 * logits f, shape (N, K), unnormalised → score, shape (N,), a probability in 1/K..1, higher = more in-distribution.
 */
export const temperatureScaling = defineScorer({
  name: 'temperature-scaling',
  about: {
    summary: 'The largest softmax probability at the temperature that calibrates the network.',
    formula: 'S(x) = maxₖ softmax(f(x) / T)ₖ,  T given, or the one that minimises the cross-entropy on the fit set',
    source: 'Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017',
    family: 'logits',
    cost: 'One softmax per image; learning T reads the logits of the fit set about six times.',
  },
  params: z.object({
    temperature: z
      .number()
      .positive()
      .optional()
      .describe('T, unitless; default: learnt from the labels of the fit set'),
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

/** The range of 1 / T that is searched. */
const [least, most] = [0.1, 10];

/** Newton's method from 1 / T = 1, with a bisection step whenever Newton's step would leave the interval that holds the minimum. */
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

/** The first and second derivative with respect to b = 1 / T of Σ −log softmax(b · f)_y: with p = softmax(b · f), Σ (E_p[f] − f_y) and Σ Var_p[f]. */
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

/** The largest logit, and the mean and variance of the logits relative to it, under the probabilities softmax(b · f). */
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
