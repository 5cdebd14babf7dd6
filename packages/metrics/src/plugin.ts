import { definePlugin } from '@farout/core';
import { auprIn } from './aupr-in.ts';
import { auprOut } from './aupr-out.ts';
import { auroc } from './auroc.ts';
import { averagePrecisionIn } from './average-precision-in.ts';
import { averagePrecisionOut } from './average-precision-out.ts';
import { detectionError } from './detection-error.ts';
import { fpr95OodPositive } from './fpr95-ood-positive.ts';
import { fpr95 } from './fpr95.ts';

/** The built-in metrics. */
export const metrics = definePlugin({
  name: '@farout/metrics',
  metrics: [fpr95, fpr95OodPositive, auroc, auprIn, auprOut, averagePrecisionIn, averagePrecisionOut, detectionError],
});
