import { fpr95 } from '../../packages/metrics/src/index.ts';
import {
  aurocInterval,
  aurocParts,
  normalCdf,
  normalQuantile,
  type Bounds,
} from '../../packages/statistics/src/index.ts';
import { atMost, type Check } from './check.ts';
import { detectionErrorIntervals } from './detection-error-intervals.ts';
import { drawnIntervals } from './drawn-interval.ts';
import { percentileInterval } from './fpr95-bootstrap.ts';
import { markedRows } from './marked-rows.ts';
import { Normals } from './normals.ts';

/** Computes an interval of one metric from the scores of an ID and an OOD set. */
export type IntervalOf = (id: Float32Array, ood: Float32Array) => Bounds;

const repetitions = 2000;
/** For this many, intervals are also drawn as for results. */
const drawn = 10;
/** ID and OOD images. */
const sizes = [
  [100, 100],
  [1000, 480],
  [10_000, 10_000],
] as const;
const aurocs = [0.6, 0.9, 0.99];

/** How often intervals contain the population value, and the marked rows of a table include the best row. */
export const intervals = (): Check[] => [
  ...sizes.flatMap(([id, ood]) => coverageAt(id, ood)),
  ...detectionErrorIntervals(),
  ...markedRows(),
];

/** Intervals of AUROC and FPR95, for repeated draws of binormal scores of equal variance. */
function coverageAt(id: number, ood: number): Check[] {
  const normals = new Normals(`intervals ${id} ${ood}`);
  const [ofAuroc, ofFpr95] = [aurocIntervalOf, percentileInterval(id, ood)];
  const held = aurocs.map(() => ({ auroc: 0, fpr95: 0 }));
  let apart = 0;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const [noise, oodScores] = [normals.next(id), normals.next(ood)];
    for (const [at, auroc] of aurocs.entries()) {
      const distance = Math.SQRT2 * normalQuantile(auroc);
      const idScores = noise.map((score) => score + distance);
      held[at]!.auroc += Number(holds(ofAuroc(idScores, oodScores), auroc));
      const computed = ofFpr95(idScores, oodScores);
      held[at]!.fpr95 += Number(holds(computed, fpr95At(distance)));
      if (repetition < drawn) apart = Math.max(apart, distanceOf(drawnFpr95(idScores, oodScores), computed));
    }
  }
  const what = (metric: string, auroc: number) =>
    `95 % intervals that hold the true ${metric}, ${id} ID and ${ood} OOD images, AUROC ${auroc}`;
  return [
    ...aurocs.map((auroc, at) => coverage(what('AUROC', auroc), held[at]!.auroc / repetitions, true)),
    ...aurocs.map((auroc, at) => coverage(what('FPR95', auroc), held[at]!.fpr95 / repetitions, id >= 1000)),
    atMost(
      `ends of FPR95's intervals by 2,000 draws, ${id} ID and ${ood} OOD images, off by, of the width`,
      apart,
      0.15,
    ),
  ];
}

// Strictly within 0..1: at the ends the interval does not come from draws.
const drawnFpr95: IntervalOf = (id, ood) => drawnIntervals(fpr95, [{ id, ood }], 2000)()(0, 0.5);

const aurocIntervalOf: IntervalOf = (id, ood) => aurocInterval(aurocParts(id, ood), id.length, ood.length);

/** 95 % of the ID images exceed their mean minus 1.645; OOD scores are centred at 0. */
const fpr95At = (distance: number) => normalCdf(normalQuantile(0.95) - distance);

/** The distance between the ends of two intervals, relative to the width of the second. */
const distanceOf = (one: Bounds, other: Bounds) =>
  Math.max(Math.abs(one.low - other.low), Math.abs(one.high - other.high)) / (other.high - other.low);

const holds = ({ low, high }: Bounds, value: number) => low <= value && value <= high;

const coverage = (what: string, share: number, judged: boolean): Check => ({
  what,
  seen: `${(100 * share).toFixed(2)} %`,
  asked: judged ? '93 to 97 %' : 'printed only',
  holds: !judged || (share >= 0.93 && share <= 0.97),
});
