import assert from 'node:assert/strict';

/** Numbers of any kind. */
export type Numbers = ArrayLike<number | bigint>;

/** How far a few operations in float32 may lie from the expected number, relative to it where it is larger than 1. */
const rounding = 1e-6;

/** Asserts that numbers are equal up to a tolerance, and as many; names the first that is not. */
export function assertClose(actual: Numbers, expected: Numbers, what: string, tolerance = rounding): void {
  assert.ok(actual.length === expected.length, `${what}: ${actual.length} numbers instead of ${expected.length}`);
  for (let i = 0; i < expected.length; i++) {
    const [found, wanted] = [Number(actual[i]), Number(expected[i])];
    const close = Object.is(found, wanted) || Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    assert.ok(close, `${what}: number ${i} is ${found}, expected ${wanted}`);
  }
}
