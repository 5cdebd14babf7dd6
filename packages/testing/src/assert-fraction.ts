import assert from 'node:assert/strict';
import type { MetricDefinition, Sweep } from '@farout/core';

/** Asserts that a metric gives a fraction from 0 to 1 for a sweep; `what` says which scores it holds. */
export function assertFraction({ name, value }: MetricDefinition, sweep: Sweep, what: string): void {
  const found: unknown = value(sweep);
  const isFraction = typeof found === 'number' && found >= 0 && found <= 1;
  assert.ok(isFraction, `${name} of ${what} is ${String(found)}, not a fraction from 0 to 1`);
}
