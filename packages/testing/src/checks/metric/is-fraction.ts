import type { MetricDefinition } from '@farout/core';
import { assertFraction } from '../../assert-fraction.ts';
import { overlappingSets, scoresFrom, sweepOf } from '../../scored-sets.ts';
import type { Check } from '../check.ts';

/** Results are fractions: reports write them in percent, and a missing value could not be told from NaN in a file. */
export const isFraction: Check<MetricDefinition> = {
  title: 'gives a fraction from 0 to 1',
  run: (metric) => {
    assertFraction(metric, overlappingSets(), 'overlapping sets');
    assertFraction(metric, sweepOf(scoresFrom(20, 40), scoresFrom(0, 40)), 'sets that are apart');
    assertFraction(metric, sweepOf(scoresFrom(0, 40), scoresFrom(20, 40)), 'sets in the wrong order');
  },
};
