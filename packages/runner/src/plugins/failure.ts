import { inspect } from 'node:util';
import { fileURLToPath } from 'node:url';
import { FaroutError, z, type ErrorCode, type FailedDetector, type SourcePlace } from '@farout/core';

/**
 * Runs something that a line of the experiment asked for: an error without a place gets that line's, unless the store failed. A
 * `place` that only the work finds is asked for afterwards.
 */
export async function atPlace<T>(place: SourcePlace | (() => SourcePlace), work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FaroutError) || error.place || error.code === 'OOD_STORE_FAILED') throw error;
    throw new FaroutError(error.code, error.message, {
      place: typeof place === 'function' ? place() : place,
      ...(error.fix !== undefined && { fix: error.fix }),
      ...(error.choices && { choices: error.choices }),
      missing: error.missing,
      cause: error.cause,
    });
  }
}

/**
 * What a plugin's promise comes to, unless a signal comes first. A promise that waits for what nothing is left to bring about
 * fails: Node would end the process in the middle, without a word.
 *
 * @throws what the promise rejects with; the signal's reason; an Error when the event loop has run out of work.
 */
export function settled<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal!.reason as Error);
    const runOut = () => reject(new Error('its promise never settles: no work is pending'));
    const forget = () => {
      process.off('beforeExit', runOut);
      signal?.removeEventListener('abort', stop);
    };
    process.once('beforeExit', runOut);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    work.finally(forget).then(resolve, reject);
  });
}

/** What went wrong in a detector. */
interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string | undefined;
}

/** A detector's failure, for results.json. */
export function failure(detector: string, error: unknown): FailedDetector {
  const { code, message, fix } = failureOf(error);
  return { detector, code, message: fix === undefined ? message : `${message}. ${fix}` };
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

/** The folders in which this program's own code lies: this package's and those beside it. */
const own = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Where code of a plugin threw: `/photos/mine.mjs:7`, the innermost place of its stack that is neither this program's nor a
 * library's nor Node's. Undefined when there is none.
 */
export function thrownAt(error: unknown): string | undefined {
  const { stack } = (error ?? {}) as { stack?: unknown };
  if (typeof stack !== 'string') return undefined;
  for (const [, url, line] of stack.matchAll(/(?:\(|at )((?:file:\/\/|[A-Za-z]:\\|\/)[^()\n]*?):(\d+):\d+\)?$/gm)) {
    const file = url!.startsWith('file:') ? pathOf(url!) : url!;
    if (!file.startsWith(own) && !/[\\/]node_modules[\\/]@farout[\\/]/.test(file)) return `${file}:${line!}`;
  }
  return undefined;
}

/** An address that is no path of this machine stays as it is: a stack may say anything. */
function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
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
