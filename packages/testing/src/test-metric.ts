import assert from 'node:assert/strict';
import type { MetricDefinition } from '@farout/core';
import { curveFrom, metricChecks, tolerance } from './checks/metric.ts';
import { registerTests, testsOf, type TestFunctions } from './test-runner.ts';

/** The scores of two sets in any order, converted to float32, and their metric. */
export interface MetricCase {
  /** A sentence that says what this case shows. */
  readonly title: string;
  readonly idScores: readonly number[];
  readonly oodScores: readonly number[];
  readonly value: number;
}

/**
 * Tests a metric: every case (to 10⁻¹²), and the contract: it is a fraction from 0 to 1, also for sets of different sizes, with one image,
 * with equal scores and with infinite ones; a perfect separation is better than a reversed one; the curve is not changed; calling it twice
 * gives the same value; and only the ratios of weights matter.
 *
 * Registers its tests with the given `describe` and `it`, by default the global ones.
 */
export function testMetric(metric: MetricDefinition, cases: readonly MetricCase[], functions?: TestFunctions): void {
  const ofCases = cases.map((given) => ({ title: given.title, run: () => runMetricCase(metric, given) }));
  registerTests(metric.name, [...ofCases, ...testsOf(metricChecks, () => metric)], functions);
}

function runMetricCase(metric: MetricDefinition, { title, idScores, oodScores, value }: MetricCase): void {
  const found = metric.value(curveFrom(idScores, oodScores));
  assert.ok(Math.abs(found - value) <= tolerance, `${title}: the value is ${found}, expected ${value}`);
}
