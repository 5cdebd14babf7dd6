import { defineMetric, type Curve, type MetricDefinition } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import {
  anyUnitOfWeight,
  betterIsBetter,
  curveUntouched,
  differentSizes,
  infiniteScores,
  isFraction,
  nextToNoWeight,
  singleImages,
  sizesDeclared,
  tiedScores,
  valueTwiceIsOnce,
} from '../../src/checks/metric.ts';
import { failingMetricChecks } from '../parts/failing-checks.ts';

/** A correct metric: how much of the ID weight lies above the median of the OOD scores. */
function aboveMedian({ id, ood, idTotal, oodTotal }: Curve): number {
  let [idAbove, oodAbove] = [0, 0];
  for (let at = 0; oodAbove + ood[at]! < oodTotal / 2; at++) {
    idAbove += id[at]!;
    oodAbove += ood[at]!;
  }
  return idAbove / idTotal;
}

const metric = (name: string, value: MetricDefinition['value']) => () =>
  defineMetric({ name, better: 'higher', value });

/** The means of the ID and of the OOD scores. */
const means = ({ thresholds, id, ood, idTotal, oodTotal }: Curve) => {
  const mean = (weights: Float64Array, total: number) =>
    thresholds.reduce((sum, score, at) => (weights[at]! > 0 ? sum + score * weights[at]! : sum), 0) / total;
  return [mean(id, idTotal), mean(ood, oodTotal)] as const;
};

describe('the contract of a metric', () => {
  it('finds no fault with a metric that keeps it, whichever direction is better', async () => {
    expect(await failingMetricChecks(metric('above median', aboveMedian))).toEqual([]);
    const lower = () => defineMetric({ name: 'below', better: 'lower', value: (curve) => 1 - aboveMedian(curve) });
    expect(await failingMetricChecks(lower)).toEqual([]);
  });

  it('catches a difference of rates, which is negative for sets in the wrong order', async () => {
    const rates = metric('rates', (curve) => {
      const { ood, oodTotal } = curve;
      return aboveMedian(curve) - aboveMedian({ ...curve, id: ood, idTotal: oodTotal });
    });
    expect(await failingMetricChecks(rates)).toEqual([isFraction.title]);
  });

  it('catches a metric that depends on the sizes of the sets and does not say so, and one that says so and does not', async () => {
    // The share of ID images among those above the median.
    const precision = (curve: Curve) => {
      const [id, ood] = [aboveMedian(curve) * curve.idTotal, curve.oodTotal / 2];
      return id / (id + ood);
    };
    const declared = (value: MetricDefinition['value']) => () =>
      defineMetric({ name: 'declared', better: 'higher', dependsOnSizes: true, value });
    expect(await failingMetricChecks(metric('precision', precision))).toEqual([sizesDeclared.title]);
    expect(await failingMetricChecks(declared(precision))).toEqual([]);
    expect(await failingMetricChecks(declared(aboveMedian))).toEqual([sizesDeclared.title]);
  });

  it('catches the wrong direction, and a value that tells nothing apart', async () => {
    const lower = () => defineMetric({ name: 'wrong way', better: 'lower', value: aboveMedian });
    expect(await failingMetricChecks(lower)).toEqual([betterIsBetter.title]);
    expect(await failingMetricChecks(metric('constant', () => 0.5))).toEqual([betterIsBetter.title]);
  });

  it('catches chance that is better than a perfect separation', async () => {
    const overlap = metric('overlap', (curve) => {
      const [id, ood] = means(curve);
      if (id < ood) return 0;
      return id === ood ? 1 : 0.5;
    });
    expect(await failingMetricChecks(overlap)).toEqual([betterIsBetter.title]);
  });

  it('catches a division by the size of the wrong set', async () => {
    const share = metric('share of the others', (curve) => {
      const accepted = aboveMedian(curve) * curve.idTotal;
      return accepted / curve.oodTotal;
    });
    expect(await failingMetricChecks(share)).toEqual([differentSizes.title, sizesDeclared.title]);
  });

  it('catches a division by one image less than there are', async () => {
    const unbiased = metric('unbiased', (curve) => {
      const others = curve.idTotal - 1;
      return (aboveMedian(curve) * others) / others;
    });
    expect(await failingMetricChecks(unbiased)).toEqual([singleImages.title]);
  });

  it('catches a division by the range of the scores', async () => {
    const ranged = metric('ranged', ({ thresholds, ...curve }) => {
      const range = Math.min(thresholds[0]!, 1e6) - Math.max(thresholds.at(-1)!, -1e6);
      return (aboveMedian({ thresholds, ...curve }) * range) / range;
    });
    expect(await failingMetricChecks(ranged)).toEqual([tiedScores.title]);
  });

  it('catches arithmetic on infinite scores', async () => {
    const distance = metric('distance of means', (curve) => {
      const [id, ood] = means(curve);
      return 1 / (1 + Math.exp(ood - id));
    });
    expect(await failingMetricChecks(distance)).toEqual([infiniteScores.title]);
  });

  it('catches a curve that is written to', async () => {
    const sorts = metric('sorts', (curve) => {
      const value = aboveMedian(curve);
      curve.ood.reverse();
      return value;
    });
    expect(await failingMetricChecks(sorts)).toEqual([curveUntouched.title]);
  });

  it('catches a value that depends on how often it was asked', async () => {
    const counts = () => {
      let asked = 0;
      return metric('counts', (curve) => aboveMedian(curve) * (1 - 1e-13 * (asked++ % 2)))();
    };
    expect(await failingMetricChecks(counts)).toEqual([valueTwiceIsOnce.title]);
  });

  it('catches a value that depends on the unit of the weights, and weights taken for whole numbers', async () => {
    const smoothed = metric('smoothed', (curve) => (aboveMedian(curve) * curve.idTotal) / (curve.idTotal + 1));
    expect(await failingMetricChecks(smoothed)).toEqual([anyUnitOfWeight.title]);
    const counted = metric('counted', (curve) => {
      const accepted = Math.floor(aboveMedian(curve) * curve.idTotal);
      return accepted / curve.idTotal;
    });
    expect(await failingMetricChecks(counted)).toEqual([anyUnitOfWeight.title]);
  });

  it('catches scores that are counted where weights are meant', async () => {
    const scores = metric('scores', (curve) => {
      const id = curve.id.map((weight) => Number(weight > 0));
      return aboveMedian({ ...curve, id, idTotal: id.filter((one) => one > 0).length });
    });
    expect(await failingMetricChecks(scores)).toEqual([nextToNoWeight.title]);
  });
});
