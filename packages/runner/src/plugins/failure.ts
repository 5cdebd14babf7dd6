import { inspect } from 'node:util';
import { fileURLToPath } from 'node:url';
import { FaroutError, z, type ErrorCode, type FailedDetector, type SourcePlace } from '@farout/core';

/**
 * Runs something that a line of the experiment asked for. An error without a place gets that line's, unless the store
 * failed. `place` may be a function if the place is only known afterwards.
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
 * The result of a plugin's promise, unless the signal aborts first. A promise that can never settle is rejected;
 * otherwise Node would end the process in the middle, without a message.
 *
 * @throws the promise's rejection; the signal's reason; an Error if the event loop has run out of work.
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

/** An error of a detector. Errors of plugins (with the line that threw) and of tensors get one of our codes. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FaroutError) return error;
  if (error instanceof z.core.$ZodError) return refusedBySchema(error);
  // Thrown in a plugin's realm: it may not be an Error, or not one of this realm.
  const { message: said, code, fix } = (error ?? {}) as { message?: unknown; code?: unknown; fix?: unknown };
  const message = [said, error].find((text) => typeof text === 'string') ?? inspect(error);
  return {
    code: code === 'OOD_SHAPE' || code === 'OOD_ONNX_REFUSED' ? code : 'OOD_DETECTOR_FAILED',
    message: withPlace(message, error),
    fix: typeof fix === 'string' ? fix : undefined,
  };
}

/** zod's own message is its issues as JSON, which is hard to read. */
const refusedBySchema = (error: z.core.$ZodError): Failure => ({
  code: 'OOD_DETECTOR_FAILED',
  message: withPlace(z.prettifyError(error), error),
  fix: undefined,
});

function withPlace(message: string, error: unknown): string {
  const place = thrownAt(error);
  return place === undefined ? message : `${message} (${place})`;
}

/** The folders of this program's own code: this package's and its siblings. */
const own = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Where a plugin's code threw: `/photos/mine.mjs:7`, the innermost stack frame that belongs neither to this program,
 * nor to a library, nor to Node. Undefined if there is none.
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

/** An address that is not a path of this machine stays as it is: a stack may contain anything. */
function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/**
 * Rethrows faults of the machine: if the store failed, no detector is to blame, even if a part wrapped the error.
 *
 * @throws FaroutError OOD_STORE_FAILED or OOD_OUTPUT_FAILED if the error is one, or was caused by one.
 */
export function refuseMachineFault(error: unknown): void {
  let each: unknown = error;
  for (let depth = 0; typeof each === 'object' && each !== null && depth < 20; depth++) {
    if (each instanceof FaroutError && (each.code === 'OOD_STORE_FAILED' || each.code === 'OOD_OUTPUT_FAILED'))
      throw each;
    each = (each as { cause?: unknown }).cause;
  }
}
