import type { MetricDefinition } from '@farout/core';
import { assertFraction } from '../../assert-fraction.ts';
import { sweepOf } from '../../scored-sets.ts';
import type { Check } from '../check.ts';

/** `limit: 1` is a legal experiment, and the first that many people run. */
export const singleImages: Check<MetricDefinition> = {
  title: 'measures one image of each set',
  run: (metric) => {
    assertFraction(metric, sweepOf([1], [0]), 'one ID score above one OOD score');
    assertFraction(metric, sweepOf([0], [1]), 'one ID score below one OOD score');
  },
};
