import { inspect } from 'node:util';
import { FaroutError, z, type ErrorCode, type FailedDetector } from '@farout/core';
import { thrownAt } from './thrown-at.ts';

/** What went wrong in a detector. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string | undefined;
}

/** An error of a detector; those of plugins, with the line that threw, and of tensors come under a code of ours. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FaroutError) return error;
  if (error instanceof z.core.$ZodError) return refusedBySchema(error);
  // Thrown in a plugin's realm: neither surely an Error nor surely of this one.
  const { message: said, code, fix } = (error ?? {}) as { message?: unknown; code?: unknown; fix?: unknown };
  const message = [said, error].find((text) => typeof text === 'string') ?? inspect(error);
  return {
    code: code === 'OOD_SHAPE' || code === 'OOD_ONNX_REFUSED' ? code : 'OOD_DETECTOR_FAILED',
    message: withPlace(message, error),
    fix: typeof fix === 'string' ? fix : undefined,
  };
}

/** zod's own message is its issues as JSON, which nobody can read. */
const refusedBySchema = (error: z.core.$ZodError): Failure => ({
  code: 'OOD_DETECTOR_FAILED',
  message: withPlace(z.prettifyError(error), error),
  fix: undefined,
});

function withPlace(message: string, error: unknown): string {
  const place = thrownAt(error);
  return place === undefined ? message : `${message} (${place})`;
}

/**
 * A fault of the machine is no part's: when the store fails, no detector is to blame, whatever the part that was reading it made
 * of the error.
 *
 * @throws FaroutError OOD_STORE_FAILED or OOD_OUTPUT_FAILED when that is what lies behind an error.
 */
export function refuseMachineFault(error: unknown): void {
  let each: unknown = error;
  for (let depth = 0; typeof each === 'object' && each !== null && depth < 20; depth++) {
    if (each instanceof FaroutError && (each.code === 'OOD_STORE_FAILED' || each.code === 'OOD_OUTPUT_FAILED'))
      throw each;
    each = (each as { cause?: unknown }).cause;
  }
}

/** A detector's failure, for results.json. */
export function failure(detector: string, error: unknown): FailedDetector {
  const { code, message, fix } = failureOf(error);
  return { detector, code, message: fix === undefined ? message : `${message}. ${fix}` };
}
