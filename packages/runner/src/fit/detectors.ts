import type { FailedDetector } from '@farout/core';
import type { Detector } from '../experiment.ts';
import { failure, refuseMachineFault } from '../plugins/failure.ts';
import { fitDetector, type Fitting } from './fit.ts';
import type { FittedDetector } from './fitted.ts';

/** The detectors that are ready, and those that could not learn. */
export interface FitResult {
  readonly fitted: readonly FittedDetector[];
  readonly failed: readonly FailedDetector[];
}

/** Fits every detector on the fit set; one that fails does not stop the others. */
export async function fit(detectors: readonly Detector[], fitting: Fitting): Promise<FitResult> {
  const fitted: FittedDetector[] = [];
  const failed: FailedDetector[] = [];
  for (const detector of detectors) {
    fitting.signal.throwIfAborted();
    try {
      fitted.push(await fitDetector(detector, fitting));
    } catch (error) {
      fitting.signal.throwIfAborted();
      refuseMachineFault(error);
      failed.push(failure(detector.name, error));
    }
  }
  return { fitted, failed };
}
