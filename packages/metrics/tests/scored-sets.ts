import { expect } from '@jest/globals';
import { curveOf, type MetricDefinition } from '@farout/core';
import fc from 'fast-check';

/** The value of a metric for two lists of scores. */
export const valueOf = (metric: MetricDefinition, id: readonly number[], ood: readonly number[]) =>
  metric.value(curveOf(Float32Array.from(id), Float32Array.from(ood)));

/** Few values, so that ties within a set and across both are the rule; infinities and both zeros among them. */
const tiedScores = fc.array(fc.oneof(fc.constantFrom(-Infinity, -0, 0, Infinity), fc.integer({ min: -8, max: 8 })), {
  minLength: 1,
  maxLength: 60,
});

/** Scores of a length that makes 5 % of it a whole or a half number, mostly without ties. */
const distinctScores = fc
  .integer({ min: 1, max: 10 })
  .chain((tens) => fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 10 * tens, maxLength: 10 * tens }));

/** Compares a metric with its definition, written as plain loops, on generated sets. */
export function expectDefinition(metric: MetricDefinition, definition: (id: number[], ood: number[]) => number): void {
  for (const scores of [tiedScores, distinctScores]) {
    fc.assert(
      fc.property(scores, scores, (id, ood) => {
        expect(valueOf(metric, id, ood)).toBeCloseTo(definition(id, ood), 12);
      }),
      { numRuns: 300 },
    );
  }
}

/** How many of `scores` satisfy `condition`. */
export const count = (scores: readonly number[], condition: (score: number) => boolean) =>
  scores.filter(condition).length;

/** The distinct scores of both sets, ascending. */
export const distinct = (id: readonly number[], ood: readonly number[]) =>
  [...new Set([...id, ...ood])].sort((a, b) => (a < b ? -1 : 1));
