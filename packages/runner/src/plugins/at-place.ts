import { FaroutError, type SourcePlace } from '@farout/core';

/** Runs something that a line of the experiment asked for: an error without a place gets that line's, unless the store failed. */
export async function atPlace<T>(place: SourcePlace, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FaroutError) || error.place || error.code === 'OOD_STORE_FAILED') throw error;
    throw new FaroutError(error.code, error.message, {
      place,
      ...(error.fix !== undefined && { fix: error.fix }),
      ...(error.choices && { choices: error.choices }),
      cause: error.cause,
    });
  }
}
