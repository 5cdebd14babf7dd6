import type { MetricDefinition } from '@farout/core';
import { assertFraction } from '../../assert-fraction.ts';
import { scoresFrom, sweepOf } from '../../scored-sets.ts';
import type { Check } from '../check.ts';

/** Hardly any experiment has as many OOD images as ID images. */
export const differentSizes: Check<MetricDefinition> = {
  title: 'measures sets of different sizes',
  run: (metric) => {
    assertFraction(metric, sweepOf(scoresFrom(5, 40), scoresFrom(0, 7)), '40 ID and 7 OOD scores');
    assertFraction(metric, sweepOf(scoresFrom(5, 7), scoresFrom(0, 40)), '7 ID and 40 OOD scores');
  },
};
