import { expect, it } from '@jest/globals';
import { schemaOf } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { testHook } from '@farout/testing';
import { constant, grad, input } from '@farout/tensor';
import { optfs } from '../src/optfs.ts';
import { percentileBySorting } from './percentiles.ts';

const fit = {
  features: [
    [0, 1, 2],
    [3, 0.5, 1],
    [0.25, 2.5, 0],
    [1.5, 1.5, 4],
  ],
};
const head = {
  weight: [
    [1, -0.5, 0.25],
    [-1, 2, 0.5],
  ],
  bias: [0.5, -0.5],
};

const logitsOf = (h: readonly number[]) =>
  head.weight.map((row, k) => row.reduce((sum, w, d) => sum + w * h[d]!, head.bias[k]!));

type Row = readonly number[];
/** What a head reads that does not normalise, and one that does. */
const itself = (h: Row): Row => h;
const unit = (h: Row): Row => h.map((each) => each / Math.hypot(...h));

/** The formula in plain loops: bin by bin, as the authors have it. */
function shaped(rows: readonly Row[], bins: number, read = itself): number[][] {
  const [low, high] = [0.1, 99.9].map((p) => percentileBySorting(fit.features.flat(), p)) as [number, number];
  const isIn = (h: number, bin: number) =>
    h >= low + (bin * (high - low)) / bins && h < low + ((bin + 1) * (high - low)) / bins;
  const contributions = Array.from({ length: bins }, (_, bin) => {
    let sum = 0;
    for (const h of fit.features) {
      const [first, second] = logitsOf(read(h)) as [number, number];
      const weight = head.weight[first >= second ? 0 : 1]!;
      h.forEach((value, d) => (sum += isIn(value, bin) ? weight[d]! * read(h)[d]! : 0));
    }
    return sum / fit.features.length;
  });
  const length = Math.hypot(...contributions);
  return rows.map((row) =>
    row.map((h) => {
      const bin = contributions.findIndex((_, each) => isIn(h, each));
      return bin < 0 ? 0 : (1000 * contributions[bin]! * h) / length;
    }),
  );
}

const features = [
  [0.5, 1.25, 3],
  [2, 0.75, 1],
  [-1, 5, 0.001],
];

testHook(
  optfs,
  [
    ...[100, 5, 1].map((bins) => ({
      title: `each feature is multiplied by the factor of its value, with ${bins} bins`,
      params: { bins },
      fit,
      head,
      features,
      logits: shaped(features, bins).map(logitsOf),
    })),
    {
      title: 'contributions are of what the head reads, bins of the features themselves, where it normalises',
      params: { bins: 5 },
      fit,
      head: { ...head, normalise: true },
      features,
      logits: shaped(features, 5, unit).map(unit).map(logitsOf),
    },
    {
      title: 'with one bin all features within the range are multiplied by 1000',
      params: { bins: 1 },
      fit: {
        features: [
          [3, 1, 0],
          [4, 2, 0],
        ],
      },
      features: [[1, 3, 5]],
      logits: [[1000, 3000, 0]],
    },
    { title: 'no bins are refused', params: { bins: 0 }, refused: 'bins' },
  ],
  { jumps: true },
);

it('has the factor of a value as its derivative there', async () => {
  const h = input('h', ['N', 3]);
  const learnt = {
    theta: constant({ data: Float32Array.of(2, -3), shape: [2] }),
    low: constant({ data: Float64Array.of(1), shape: [] }),
    high: constant({ data: Float64Array.of(5), shape: [] }),
  };
  const shapedTensor = optfs.features!(h, schemaOf(optfs).parse({ bins: 2 }), { learnt } as never);
  const { slope } = await evaluate(
    { slope: grad(shapedTensor.sum().sum(0), h) },
    { h: { data: Float32Array.of(0.5, 2, 4, 6, 3.5, 1), shape: [2, 3] } },
  );
  expect(Array.from(slope!.data, Number)).toEqual([0, 2, -3, 0, -3, 2]);
});
