import { curveOf } from '../../packages/core/src/index.ts';
import { detectionError } from '../../packages/metrics/src/index.ts';
import { normalCdf, normalQuantile } from '../../packages/statistics/src/index.ts';
import type { Check } from './check.ts';
import { drawnIntervals, type Scores } from './drawn-interval.ts';
import { Normals } from './normals.ts';

/** A run makes 2,000. */
const draws = 500;
const aurocs = [0.6, 0.9, 0.99];
/** ID and OOD images, and how many samples: large ones take a while. */
const sizes = [
  [100, 100, 1000],
  [1000, 480, 1000],
  [10_000, 10_000, 400],
] as const;

/**
 * How often the intervals of the detection error contain the population value, for binormal scores of equal variance, and how often plain quantiles
 * of their draws would. Printed only.
 */
export const detectionErrorIntervals = (): Check[] =>
  sizes.flatMap(([id, ood, samples]) => coverageAt(id, ood, samples));

function coverageAt(id: number, ood: number, samples: number): Check[] {
  const normals = new Normals(`detection error ${id} ${ood}`);
  const held = aurocs.map(() => ({ interval: 0, quantiles: 0 }));
  for (let sample = 0; sample < samples; sample++) {
    const [noise, oodScores] = [normals.next(id), normals.next(ood)];
    const detectors = aurocs.map((auroc): Scores => {
      const distance = distanceAt(auroc);
      return { id: noise.map((score) => score + distance), ood: oodScores };
    });
    const intervals = drawnIntervals(detectionError, detectors, draws);
    for (const [at, scores] of detectors.entries()) {
      const [found, truth] = [
        detectionError.value(curveOf(scores.id, scores.ood)),
        errorAt(aurocs[at]!, id / (id + ood)),
      ];
      const holds = (traits?: object) => {
        const { low, high } = intervals(traits)(at, found);
        return Number(low <= truth && truth <= high);
      };
      held[at]!.interval += holds() / samples;
      held[at]!.quantiles += holds({}) / samples;
    }
  }
  return aurocs.map((auroc, at) => ({
    what: `95 % intervals that hold the true detection error (the draws' quantiles), ${id} ID and ${ood} OOD images, AUROC ${auroc}`,
    seen: `${percent(held[at]!.interval)} (${percent(held[at]!.quantiles)})`,
    asked: 'printed only',
    holds: true,
  }));
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The distance between the means of two normals of variance 1. */
const distanceAt = (auroc: number) => Math.SQRT2 * normalQuantile(auroc);

/** The smallest error of any threshold: where both densities, weighted by the share of images, are equal. */
function errorAt(auroc: number, idShare: number): number {
  const distance = distanceAt(auroc);
  const threshold = distance / 2 + Math.log((1 - idShare) / idShare) / distance;
  return idShare * normalCdf(threshold - distance) + (1 - idShare) * normalCdf(-threshold);
}
