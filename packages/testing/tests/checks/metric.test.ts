import { defineMetric, type MetricDefinition, type Sweep } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import {
  betterIsBetter,
  differentSizes,
  infiniteScores,
  isFraction,
  singleImages,
  sweepUntouched,
  tiedScores,
  valueTwiceIsOnce,
} from '../../src/checks/metric.ts';
import { failingMetricChecks } from '../parts/failing-checks.ts';

/** A correct metric: how many ID scores lie above the median of the OOD scores. */
const aboveMedian = ({ idScores, oodScores }: Sweep) => {
  const median = oodScores[oodScores.length >> 1]!;
  return idScores.filter((score) => score > median).length / idScores.length;
};

const metric = (name: string, value: MetricDefinition['value']) => () =>
  defineMetric({ name, better: 'higher', value });

const mean = (scores: Float32Array) => scores.reduce((sum, score) => sum + score, 0) / scores.length;

describe('the contract of a metric', () => {
  it('finds no fault with a metric that keeps it, whichever direction is better', async () => {
    expect(await failingMetricChecks(metric('above median', aboveMedian))).toEqual([]);
    const lower = () => defineMetric({ name: 'below', better: 'lower', value: (sweep) => 1 - aboveMedian(sweep) });
    expect(await failingMetricChecks(lower)).toEqual([]);
  });

  it('catches a difference of rates, which is negative for sets in the wrong order', async () => {
    const rates = metric('rates', ({ idScores, oodScores, ...counts }) => {
      const ofOod = aboveMedian({ ...counts, idScores: oodScores, oodScores });
      return aboveMedian({ ...counts, idScores, oodScores }) - ofOod;
    });
    expect(await failingMetricChecks(rates)).toEqual([isFraction.title]);
  });

  it('catches the wrong direction, and a value that tells nothing apart', async () => {
    const lower = () => defineMetric({ name: 'wrong way', better: 'lower', value: aboveMedian });
    expect(await failingMetricChecks(lower)).toEqual([betterIsBetter.title]);
    expect(await failingMetricChecks(metric('constant', () => 0.5))).toEqual([betterIsBetter.title]);
  });

  it('catches chance that is better than a perfect separation', async () => {
    const overlap = metric('overlap', ({ idScores, oodScores }) => {
      if (mean(idScores) < mean(oodScores)) return 0;
      return mean(idScores) === mean(oodScores) ? 1 : 0.5;
    });
    expect(await failingMetricChecks(overlap)).toEqual([betterIsBetter.title]);
  });

  it('catches a division by the size of the wrong set', async () => {
    const share = metric('share of the others', (sweep) => {
      const accepted = aboveMedian(sweep) * sweep.idScores.length;
      return accepted / sweep.oodScores.length;
    });
    expect(await failingMetricChecks(share)).toEqual([differentSizes.title]);
  });

  it('catches a division by one image less than there are', async () => {
    const unbiased = metric('unbiased', (sweep) => {
      const others = sweep.idScores.length - 1;
      return (aboveMedian(sweep) * others) / others;
    });
    expect(await failingMetricChecks(unbiased)).toEqual([singleImages.title]);
  });

  it('catches a division by the range of the scores', async () => {
    const ranged = metric('ranged', (sweep) => {
      const range = Math.min(sweep.thresholds[0]!, 1e6) - Math.max(sweep.thresholds.at(-1)!, -1e6);
      return (aboveMedian(sweep) * range) / range;
    });
    expect(await failingMetricChecks(ranged)).toEqual([tiedScores.title]);
  });

  it('catches arithmetic on infinite scores', async () => {
    const distance = metric('distance of means', ({ idScores, oodScores }) => {
      const apart = mean(idScores) - mean(oodScores);
      return 1 / (1 + Math.exp(-apart));
    });
    expect(await failingMetricChecks(distance)).toEqual([infiniteScores.title]);
  });

  it('catches a sweep that is written to', async () => {
    const sorts = metric('sorts', (sweep) => {
      const value = aboveMedian(sweep);
      sweep.oodScores.reverse();
      return value;
    });
    expect(await failingMetricChecks(sorts)).toEqual([sweepUntouched.title]);
  });

  it('catches a value that depends on how often it was asked', async () => {
    const counts = () => {
      let asked = 0;
      return metric('counts', (sweep) => aboveMedian(sweep) * (1 - 1e-9 * (asked++ % 2)))();
    };
    expect(await failingMetricChecks(counts)).toEqual([valueTwiceIsOnce.title]);
  });
});
