import { describe, expect, it } from '@jest/globals';
import { schemaOf, traceHooks, traceReadings } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { testHook, type HookCase } from '@farout/testing';
import { constant, input, type Tensor } from '@farout/tensor';
import { adascaleA } from '../src/adascale-a.ts';
import { adascaleL } from '../src/adascale-l.ts';

type Row = readonly number[];

/** Places of a row from the largest value down. */
const order = (row: Row) => row.map((_, d) => d).sort((a, b) => row[b]! - row[a]! || a - b);

const sumAt = (row: Row, places: readonly number[]) => places.reduce((sum, d) => sum + row[d]!, 0);

/** Q with 2 channels of the moved features, 1 of the shift, λ = 10. */
const shiftOf = (h: Row, moved: Row) =>
  10 * Math.abs(h[order(h)[0]!]! - moved[order(h)[0]!]!) +
  sumAt(
    moved.map((each) => Math.max(each, 0)),
    order(h).slice(0, 2),
  );

/** r of the formula in plain loops, with the percentiles 20 and 60 of five channels: 5 − [p / 20] of them are the largest. */
function ratioOf(h: Row, moved: Row): number {
  const usual = fit.features.map((row, i) => shiftOf(row, fit.readings.perturbed[i]!));
  const share = usual.filter((each) => each <= shiftOf(h, moved)).length / usual.length;
  const p = 60 - share * 40;
  const small = p / 20;
  // Half a channel goes to the even number.
  const left = 5 - (small % 1 === 0.5 ? 2 * Math.round(small / 2) : Math.round(small));
  const positive = h.map((each) => Math.max(each, 0));
  return sumAt(positive, [0, 1, 2, 3, 4]) / sumAt(positive, order(h).slice(0, left));
}

const fit = {
  features: [
    [5, 4, 3, 2, 1],
    [1, 2, 3, 4, 5],
    [2, 2, 9, 0, 1],
    [0, 0, 1, 7, 3],
  ],
  readings: {
    perturbed: [
      [5.25, 4, 3, 2, 1],
      [1, 2, 3, 4, 5.5],
      [2, 2, 8, 0, 1],
      [0, 0, 1, 6.75, -3],
    ],
  },
};
const params = { percentiles: [20, 60], k1: 40, k2: 20 };

/** Images of which 0, 1, 2 and 4 of the fit set have no larger Q. */
const features = [
  [3, 1, 1, -2, 0.5],
  [4, 3, 2, 1, 0.5],
  [1, 5, 2, 3, 1],
  [2, 1, 1, 1, 8],
];
const perturbed = [
  [3, 1, 1, -2, 0.5],
  [4.375, 3, 2, 1, 0.5],
  [1, 4.5, 2, 4, 1],
  [2, 1, 1, 1, 3],
];

const cases = (scaled: (h: Row, r: number) => readonly number[]): HookCase[] => [
  {
    title: 'p follows how many of the fit set have no larger shift',
    params,
    fit,
    features,
    readings: { perturbed },
    logits: features.map((h, i) => scaled(h, ratioOf(h, perturbed[i]!))),
  },
  {
    title: 'with one percentile the shift has no say',
    params: { ...params, percentiles: [40, 40] },
    fit,
    features: [[4, 3, 2, 1, 0]],
    readings: { perturbed: [[9, 9, 9, 9, 9]] },
    logits: [scaled([4, 3, 2, 1, 0], 10 / 9)],
  },
  {
    title: 'features that are all 0 stay so',
    params,
    fit,
    features: [[0, 0, 0, 0, 0]],
    readings: { perturbed: [[1, 1, 1, 1, 1]] },
    logits: [[0, 0, 0, 0, 0]],
  },
  { title: 'percentiles in the wrong order are refused', params: { percentiles: [85, 75] }, refused: 'percentiles' },
  { title: 'fractions are refused', params: { percentiles: [0.75, 0.85] }, refused: 'percentiles' },
  { title: 'more than all pixels are refused', params: { o: 2 }, refused: 'o' },
];

testHook(
  adascaleA,
  cases((h, r) => h.map((each) => each * Math.exp(r))),
);
testHook(
  adascaleL,
  cases((h, r) => h.map((each) => each * r * r)),
);

describe('the perturbed image of AdaSCALE', () => {
  /** Logits that are the pixels' weighted sums: the gradient of the larger one is its row of weights. */
  const weights = [
    [1, -2, 3, -4],
    [0.5, 0, -0.125, 0.25],
  ];
  const image = input('image', ['N', 1, 2, 2]);
  const features = (pixels: Tensor) => pixels.reshape(['N', 4]);
  const head = {
    weight: constant({ data: Float32Array.from(weights.flat()), shape: [2, 4] }),
    bias: constant({ data: new Float32Array(2), shape: [2] }),
  };
  const images = { image, std: image, backbone: { features } };

  it.each([
    ['the larger logit', [0, 0, 1, 0], [0.5, -0.5, 1, 0]],
    ['the other where that is larger; a slope of 0 moves nothing', [0, 0, -1, 0], [0, 0, -1.5, 0]],
  ])('moves the half of the pixels that matters least for %s', async (_, pixels, expected) => {
    const view = traceHooks({ features: features(image), head, images }, []);
    const part = { definition: adascaleA, params: schemaOf(adascaleA).parse({ o: 0.5 }), learnt: {} };
    const readings = traceReadings(view, part, 'first');
    const found = await evaluate(readings, { image: { data: Float32Array.from(pixels), shape: [1, 1, 2, 2] } });
    expect(Array.from(found.perturbed!.data, Number)).toEqual(expected);
  });
});
