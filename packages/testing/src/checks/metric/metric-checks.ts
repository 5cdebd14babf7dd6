import type { MetricDefinition } from '@farout/core';
import type { Check } from '../check.ts';
import { betterIsBetter } from '../metric.ts';
import { differentSizes } from './different-sizes.ts';
import { infiniteScores } from './infinite-scores.ts';
import { isFraction } from './is-fraction.ts';
import { singleImages } from './single-images.ts';
import { sweepUntouched } from './sweep-untouched.ts';
import { tiedScores } from './tied-scores.ts';
import { valueTwiceIsOnce } from './value-twice-is-once.ts';

/** The contract of a metric. */
export const metricChecks: readonly Check<MetricDefinition>[] = [
  isFraction,
  betterIsBetter,
  differentSizes,
  singleImages,
  tiedScores,
  infiniteScores,
  sweepUntouched,
  valueTwiceIsOnce,
];
