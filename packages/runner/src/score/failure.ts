import { OodkitError, type ErrorCode, type FailedDetector } from '@oodkit/core';

/** A detector's failure, for results.json; the errors of plugins and of tensors come under a code of ours. */
export function failure(detector: string, error: unknown): FailedDetector & { readonly code: ErrorCode } {
  if (error instanceof OodkitError) return { detector, code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const shape = error instanceof Error && 'code' in error && error.code === 'OOD_SHAPE';
  return { detector, code: shape ? 'OOD_SHAPE' : 'OOD_DETECTOR_FAILED', message };
}
