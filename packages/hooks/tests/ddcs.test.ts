import { expect, it } from '@jest/globals';
import { learnsFrom, schemaOf, type Fit } from '@farout/core';
import { testHook } from '@farout/testing';
import { ddcs } from '../src/ddcs.ts';
import { percentileBySorting } from './percentiles.ts';

const fit = {
  features: [
    [0, 1, 2, 5],
    [3, 0.5, 1, 4],
    [0.25, 2.5, 0, 4.5],
    [1.5, 1.5, 4, 5.5],
    [0, 3, 0.5, 4],
  ],
  labels: [0, 1, 1, 3, 0],
};

/** The formula in plain loops. */
function selected(rows: readonly (readonly number[])[], [p, q]: readonly [number, number], a: number, k: number) {
  const [low, high] = [p, q].map((each) => percentileBySorting(fit.features.flat(), each)) as [number, number];
  const cap = (h: number) => {
    const x = Math.max(h, low);
    return x < high ? x : x / Math.sqrt(1 + (x / high) ** 4) + low;
  };
  const means = [0, 1, 3].map((y) => {
    const own = fit.features.filter((_, i) => fit.labels[i] === y);
    return [0, 1, 2, 3].map((d) => own.reduce((sum, row) => sum + cap(row[d]!), 0) / own.length);
  });
  const scores = [0, 1, 2, 3].map((d) => {
    let similarity = 0;
    for (const one of means) for (const other of means) if (one !== other) similarity += (one[d]! * other[d]!) / 6;
    const mean = means.reduce((sum, each) => sum + each[d]!, 0) / 3;
    return a * similarity - ((1 - a) * means.reduce((sum, each) => sum + (each[d]! - mean) ** 2, 0)) / 2;
  });
  const kept = [0, 1, 2, 3].sort((one, other) => scores[one]! - scores[other]!).slice(0, k);
  return rows.map((row) => row.map((h, d) => (kept.includes(d) ? cap(h) : 0)));
}

const features = [
  [0.1, 1, 2, 5],
  [9, 2, 0, 0],
  [-1, 3, 3, 100],
];
/** The channels kept differ: the last one has the largest means. */
const identity = { weight: [0, 1, 2, 3].map((k) => [0, 1, 2, 3].map((d) => Number(k === d))), bias: [0, 0, 0, 0] };

testHook(ddcs, [
  ...([1, 2, 3, 4] as const).map((channels) => ({
    title: `${channels} of four channels stay, capped at both ends`,
    params: { channels },
    fit,
    head: identity,
    features,
    logits: selected(features, [20, 90], 0.8, channels),
  })),
  {
    title: 'the variance of the classes alone chooses with a = 0',
    params: { channels: 2, a: 0, percentiles: [0, 50] },
    fit,
    head: identity,
    features,
    logits: selected(features, [0, 50], 0, 2),
  },
  {
    title: 'without a number 82 % stay, three of four',
    fit,
    head: identity,
    features,
    logits: selected(features, [20, 90], 0.8, 3),
  },
  { title: 'percentiles in the wrong order are refused', params: { percentiles: [90, 20] }, refused: 'percentiles' },
  { title: 'fractions are refused', params: { percentiles: [0.2, 0.9] }, refused: 'percentiles' },
  { title: 'a weight above 1 is refused', params: { a: 1.5 }, refused: 'a' },
]);

it('refuses a fit set of one class, and says what it needs', async () => {
  const step = ddcs.fit!(schemaOf(ddcs).parse({})) as Fit;
  expect(step.reads).toEqual(learnsFrom(['features', 'labels'], () => ({})).reads);
  const rows = {
    count: 2,
    async *[Symbol.asyncIterator]() {
      const features = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
      yield await Promise.resolve({ features, labels: Int32Array.of(1, 1) });
    },
  };
  await expect(step.learn(rows as never, { classes: 3 } as never)).rejects.toMatchObject({
    code: 'OOD_DETECTOR_FAILED',
    message: 'DDCS compares classes, but the fit set has images of only 1',
  });
});
