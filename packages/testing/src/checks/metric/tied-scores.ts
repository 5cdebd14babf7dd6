import type { MetricDefinition } from '@farout/core';
import { assertFraction } from '../../assert-fraction.ts';
import { sweepOf } from '../../scored-sets.ts';
import type { Check } from '../check.ts';

/** A detector that says the same of every image is poor, not broken; its scores have no range to divide by. */
export const tiedScores: Check<MetricDefinition> = {
  title: 'measures scores that are all equal',
  run: (metric) => {
    const equal = new Array<number>(40).fill(0.5);
    assertFraction(metric, sweepOf(equal, equal), 'scores that are all ½');
  },
};
