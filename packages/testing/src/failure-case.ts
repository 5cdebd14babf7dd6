import assert from 'node:assert/strict';
import type { ErrorCode, FaroutError } from '@farout/core';
import type { Parameters } from './parameters.ts';

/** Parameters that the schema takes, and the code of the FaroutError with which opening must fail. */
export interface FailureCase {
  readonly title: string;
  readonly params?: Parameters;
  readonly fails: ErrorCode;
}

/** Asserts that opening fails, at once or later, with a FaroutError of this code. */
export async function assertFails(open: () => Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await Promise.resolve()
    .then(open)
    .then(
      () => undefined,
      (reason: unknown) => reason as FaroutError,
    );
  assert.ok(error, `it opens; expected is ${code}`);
  assert.equal(error.code, code, `it fails otherwise: ${error.message}`);
}
