import type { MetricDefinition } from '@farout/core';
import { assertFraction } from '../../assert-fraction.ts';
import { scoresFrom, sweepOf } from '../../scored-sets.ts';
import type { Check } from '../check.ts';

/** ±Infinity is a score like any other: the logarithm of a probability that underflows is one. */
export const infiniteScores: Check<MetricDefinition> = {
  title: 'takes infinite scores for scores',
  run: (metric) => {
    const infinities = [Infinity, -Infinity];
    const both = sweepOf([...scoresFrom(5, 38), ...infinities], [...scoresFrom(0, 38), ...infinities]);
    assertFraction(metric, both, 'sets with infinite scores');
  },
};
