import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { betaBinomialUpperTail, type Promised } from '@farout/statistics';
import { expectNear } from './parts/golden.ts';

/** What golden/beta-binomial.py wrote: r, m, k, n, P(R ≥ r). */
const { upperTail } = JSON.parse(readFileSync(new URL('golden/beta-binomial.json', import.meta.url), 'utf8')) as {
  readonly upperTail: readonly (readonly [number, number, number, number, number])[];
};

describe('the number refused of m images', () => {
  it("has the upper tail of mpmath's 40 digits, for m up to five millions and down to 1e-155", () => {
    for (const [r, m, k, n, expected] of upperTail) expectNear(betaBinomialUpperTail(r, m, { k, n }), expected, 1e-12);
  });

  it('has that of whole numbers', () => {
    const promised = fc
      .integer({ min: 1, max: 40 })
      .chain((n) => fc.record({ k: fc.integer({ min: 1, max: n }), n: fc.constant(n) }));
    const counts = fc
      .integer({ min: 1, max: 60 })
      .chain((m) => fc.tuple(fc.integer({ min: 0, max: m + 1 }), fc.constant(m)));
    fc.assert(
      fc.property(promised, counts, (of, [r, m]) =>
        expectNear(betaBinomialUpperTail(r, m, of), exactTail(r, m, of) || 0, 1e-13),
      ),
    );
  });

  it('is never smaller for fewer', () => {
    const tails = Array.from({ length: 202 }, (_, r) => betaBinomialUpperTail(r, 200, { k: 10, n: 199 }));
    expect(tails).toEqual(tails.toSorted((a, b) => b - a));
    expect([tails[0], tails.at(-1)]).toEqual([1, 0]);
  });

  it.each([
    { r: 1, m: 10, k: 0, n: 19 },
    { r: 1, m: 10, k: 20, n: 19 },
    { r: 1, m: 10, k: 1.5, n: 19 },
    { r: NaN, m: 10, k: 1, n: 19 },
    { r: 1, m: -1, k: 1, n: 19 },
    { r: 1, m: Infinity, k: 1, n: 19 },
  ])('is of whole numbers, and of a rank that is one of n: %p', ({ r, m, ...promised }) => {
    expect(() => betaBinomialUpperTail(r, m, promised)).toThrow(RangeError);
  });
});

/** P(R ≥ r) as a fraction of whole numbers, to 1e-30. */
function exactTail(r: number, m: number, { k, n }: Promised): number {
  let sum = 0n;
  for (let at = r; at <= m; at++) sum += choose(k + at - 1, at) * choose(n - k + m - at, m - at);
  return Number((sum * 10n ** 60n) / choose(n + m, m)) / 1e60;
}

function choose(n: number, k: number): bigint {
  let product = 1n;
  for (let at = 1; at <= k; at++) product = (product * BigInt(n - k + at)) / BigInt(at);
  return product;
}
