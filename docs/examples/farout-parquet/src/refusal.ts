import { FaroutError } from '@farout/core';

/** What stands in the way of reading a file, under the code that experiments show. */
export const refusal = (file: string, what: string, cause?: unknown): FaroutError =>
  new FaroutError('OOD_DATASET_INVALID', `${file}: ${what}`, { cause });
