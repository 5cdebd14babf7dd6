import assert from 'node:assert/strict';
import type { MetricDefinition } from '@farout/core';
import { curveFrom, metricChecks, tolerance } from './checks/metric.ts';
import { registerTests, testsOf, type TestFunctions } from './test-runner.ts';

/** The scores of two sets in any order, taken as float32, and the metric of them. */
export interface MetricCase {
  /** A sentence: what this case shows. */
  readonly title: string;
  readonly idScores: readonly number[];
  readonly oodScores: readonly number[];
  readonly value: number;
}

/**
 * Tests a metric: every case (to 10⁻¹²), and the contract: it is a fraction from 0 to 1, also for sets of different sizes,
 * of one image, of equal scores and of infinite ones; a perfect separation is better than a reversed one; the curve stays
 * untouched, twice is once, and images count by their weights, in whatever unit.
 *
 * Registers its tests with the global `describe` and `it`, or with those given.
 */
export function testMetric(metric: MetricDefinition, cases: readonly MetricCase[], functions?: TestFunctions): void {
  const ofCases = cases.map((given) => ({ title: given.title, run: () => runMetricCase(metric, given) }));
  registerTests(metric.name, [...ofCases, ...testsOf(metricChecks, () => metric)], functions);
}

function runMetricCase(metric: MetricDefinition, { title, idScores, oodScores, value }: MetricCase): void {
  const found = metric.value(curveFrom(idScores, oodScores));
  assert.ok(Math.abs(found - value) <= tolerance, `${title}: the value is ${found}, expected ${value}`);
}
