import type { RunResults } from '@farout/core';

/** A run and what tables call it, unlike any other of the comparison. */
export interface NamedRun {
  readonly name: string;
  readonly results: RunResults;
}
