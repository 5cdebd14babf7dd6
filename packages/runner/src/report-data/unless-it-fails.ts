import type { Logger } from '@farout/core';
import { refuseMachineFault } from '../plugins/failure.ts';

/**
 * What is to be drawn, or nothing and a warning when that fails: a report is no result.
 *
 * @throws what the signal says when it stops the run; FaroutError OOD_STORE_FAILED.
 */
export async function unlessItFails<T>(
  what: string,
  draw: () => Promise<readonly T[]>,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<readonly T[]> {
  try {
    return await draw();
  } catch (error) {
    signal.throwIfAborted();
    refuseMachineFault(error);
    logger.warn(`The report lacks ${what}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}
