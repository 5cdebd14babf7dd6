import { describe, expect, it } from '@jest/globals';
import { testScorer } from '@farout/testing';
import { openmax } from '../src/openmax.ts';
import { fitWeibull } from '../src/weibull.ts';
import { learnBy, refusal } from './parts/learn-by.ts';

type Row = readonly number[];

/** Four images of each of three classes; the last one is classified wrongly. */
const features: readonly Row[] = [
  [8, 1, 0],
  [9, 0, 1],
  [7, 2, 2],
  [6, 0, 0],
  [1, 7, 0],
  [0, 9, 1],
  [2, 6, 3],
  [0, 8, 4],
  [0, 1, 9],
  [1, 2, 7],
  [2, 0, 8],
  [0, 0, 5],
  [9, 9.5, 9],
];
const labels = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0];
const fit = { features, labels };

const distance = (a: Row, b: Row) => Math.hypot(...a.map((each, k) => each - b[k]!));

/** The definition in plain loops. */
function reference(f: Row, { alpha = 3, tail = 20 } = {}): number {
  const classes = [0, 1, 2].map((y) => {
    const own = features.filter((row, i) => labels[i] === y && row.indexOf(Math.max(...row)) === y);
    const mean = [0, 1, 2].map((k) => own.reduce((sum, row) => sum + row[k]!, 0) / own.length);
    const tails = own
      .map((row) => distance(row, mean))
      .sort((a, b) => a - b)
      .slice(-tail);
    return { mean, start: tails[0]!, ...fitWeibull(tails.map((each) => each + 1 - tails[0]!)) };
  });
  const revised = [...f];
  let unknown = 0;
  const ranked = [...f.keys()].sort((a, b) => f[b]! - f[a]!).slice(0, alpha);
  ranked.forEach((k, i) => {
    const { mean, start, scale, shape } = classes[k]!;
    const x = distance(f, mean) + 1 - start;
    const w = x < 0 ? 0 : 1 - Math.exp(-((x / scale) ** shape));
    const lost = f[k]! * w * ((alpha - i) / alpha);
    revised[k]! -= lost;
    unknown += lost;
  });
  return Math.log(revised.reduce((sum, each) => sum + Math.exp(each), 0)) - unknown;
}

const logits: readonly Row[] = [
  [8, 1, 1],
  [5, 4, -1],
  [1, 1.5, 2],
  [-3, -2, -1],
  [30, 10, 0],
];

testScorer(openmax, [
  { title: 'agrees with the definition in plain loops', fit, logits, scores: logits.map((f) => reference(f)) },
  {
    title: 'only the α largest logits lose something',
    params: { alpha: 1 },
    fit,
    logits,
    scores: logits.map((f) => reference(f, { alpha: 1 })),
  },
  {
    title: 'only the tail of the distances is fitted',
    params: { tail: 3 },
    fit,
    logits,
    scores: logits.map((f) => reference(f, { tail: 3 })),
  },
  {
    title: 'far from all classes a logit is lost as a whole',
    params: { alpha: 1 },
    fit,
    logits: [[1000, 0, 0]],
    scores: [Math.log(3) - 1000],
  },
  {
    title: 'equal distances make a step, in the midst of which a logit loses 1 − 1 / e of it',
    params: { alpha: 1 },
    fit: {
      features: [0, 1, 2, 0, 1, 2, 0, 1, 2].map((y) => [0, 1, 2].map((k) => (k === y ? 4 : 0))),
      labels: [0, 1, 2, 0, 1, 2, 0, 1, 2],
    },
    logits: [
      [4, 1, 1],
      [0, 4, 0],
    ],
    scores: [Math.log(1 + 2 * Math.E) - 4, Math.log(2 + Math.exp(4 / Math.E)) - 4 * (1 - 1 / Math.E)],
  },
  { title: 'α of 0 is refused', params: { alpha: 0 }, refused: 'alpha' },
  { title: 'a tail of two is refused', params: { tail: 2 }, refused: 'tail' },
]);

describe('what openmax learns', () => {
  it('does not depend on the order of the images', async () => {
    const forth = await learnBy(openmax, { tail: 3 }, { logits: features, labels });
    const back = await learnBy(openmax, { tail: 3 }, { logits: features.toReversed(), labels: labels.toReversed() });
    for (const name of ['means', 'scales', 'shapes', 'starts']) {
      const expected = forth[name]!.data as Float64Array;
      expected.forEach((value, i) => {
        expect(Number(back[name]!.data[i])).toBeCloseTo(value, 10);
      });
    }
  });

  it('needs three correctly classified images of each class', async () => {
    const { message } = await refusal(openmax, {}, { logits: features.slice(0, 10), labels });
    expect(message).toContain('openmax needs three correctly classified images of each class');
    expect(message).toContain('1 of 3 classes have too few: 2');
  });

  it('needs as many classes as logits it revises', async () => {
    const { fix } = await refusal(openmax, { alpha: 4 }, { logits: features, labels });
    expect(fix).toContain('3 or less');
  });
});
