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

/** An interval of one metric, by the scores of an ID and an OOD set. */
export type IntervalOf = (id: Float32Array, ood: Float32Array) => Bounds;

const repetitions = 2000;
/** So many of them are drawn as for results, too. */
const drawn = 10;
/** ID and OOD images. */
const sizes = [
  [100, 100],
  [1000, 480],
  [10_000, 10_000],
] as const;
const aurocs = [0.6, 0.9, 0.99];

/** How often intervals hold the population's value, and the marked rows of a table its best one. */
export const intervals = (): Check[] => [
  ...sizes.flatMap(([id, ood]) => coverageAt(id, ood)),
  ...detectionErrorIntervals(),
  ...markedRows(),
];

/** Of AUROC and FPR95, of binormal scores of equal variance, drawn again and again. */
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

/** 95 % of the ID images reach their mean less 1.645, and the OOD images lie about 0. */
const fpr95At = (distance: number) => normalCdf(normalQuantile(0.95) - distance);

/** How far the ends of an interval are from those of another, of the other's width. */
const distanceOf = (one: Bounds, other: Bounds) =>
  Math.max(Math.abs(one.low - other.low), Math.abs(one.high - other.high)) / (other.high - other.low);

const holds = ({ low, high }: Bounds, value: number) => low <= value && value <= high;

const coverage = (what: string, share: number, judged: boolean): Check => ({
  what,
  seen: `${(100 * share).toFixed(2)} %`,
  asked: judged ? '93 to 97 %' : 'printed only',
  holds: !judged || (share >= 0.93 && share <= 0.97),
});
