import type { FailedDetector } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import type { FittedDetector } from '../fit/fitted.ts';
import type { LastStages } from '../fit/lens.ts';
import { failure } from '../plugins/failure.ts';
import { traceDetector } from './trace.ts';

/** Which detectors are scored on stored features and which on images, by their index; and those that could not be built. */
export interface ScorePlan {
  readonly onFeatures: ReadonlyMap<number, Readonly<Record<string, Tensor>>>;
  readonly onImages: ReadonlyMap<number, Tensor>;
  readonly failed: readonly FailedDetector[];
}

/** Traces every detector; one that fails does not stop the others. */
export function planScores(detectors: readonly FittedDetector[], stages: LastStages): ScorePlan {
  const onFeatures = new Map<number, Readonly<Record<string, Tensor>>>();
  const onImages = new Map<number, Tensor>();
  const failed: FailedDetector[] = [];
  for (const [index, detector] of detectors.entries()) {
    try {
      const traced = traceDetector(detector, index, stages);
      if ('onImages' in traced) onImages.set(index, traced.onImages);
      else onFeatures.set(index, traced.onFeatures);
    } catch (error) {
      failed.push(failure(detector.name, error));
    }
  }
  return { onFeatures, onImages, failed };
}
