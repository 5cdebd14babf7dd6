import assert from 'node:assert/strict';
import { curveOf, reweighted, type Curve, type MetricDefinition } from '@farout/core';
import type { Check } from '../test-runner.ts';

/** Results are fractions: reports show them in percent, and files could not distinguish NaN from a missing value. */
export const isFraction: Check<MetricDefinition> = {
  title: 'gives a fraction from 0 to 1',
  run: (metric) => {
    assertFraction(metric, overlappingSets(), 'overlapping sets');
    assertFraction(metric, curveFrom(scoresFrom(20, 40), scoresFrom(0, 40)), 'sets that are apart');
    assertFraction(metric, curveFrom(scoresFrom(0, 40), scoresFrom(20, 40)), 'sets in the wrong order');
  },
};

/** `better` marks the best value of a table's column: it must agree with the values. */
export const betterIsBetter: Check<MetricDefinition> = {
  title:
    'rates a perfect separation better than a reversed one, and chance no better than the first, no worse than the second',
  run: ({ better, value }) => {
    const [low, high] = [scoresFrom(0, 40), scoresFrom(20, 40)];
    const [perfect, chance, reversed] = [curveFrom(high, low), curveFrom(low, low), curveFrom(low, high)].map(value);
    const quality = (measured: number | undefined) => (better === 'higher' ? measured! : -measured!);
    const found = `perfect ${perfect!}, chance ${chance!}, reversed ${reversed!}, and ${better} is better`;
    assert.ok(quality(perfect) > quality(reversed), found);
    assert.ok(quality(perfect) >= quality(chance) && quality(chance) >= quality(reversed), found);
  },
};

/** Hardly any experiment has as many OOD images as ID images. */
export const differentSizes: Check<MetricDefinition> = {
  title: 'measures sets of different sizes',
  run: (metric) => {
    assertFraction(metric, curveFrom(scoresFrom(5, 40), scoresFrom(0, 7)), '40 ID and 7 OOD scores');
    assertFraction(metric, curveFrom(scoresFrom(5, 7), scoresFrom(0, 40)), '7 ID and 40 OOD scores');
  },
};

/** `limit: 1` is a legal experiment, and the first that many people run. */
export const singleImages: Check<MetricDefinition> = {
  title: 'measures one image of each set',
  run: (metric) => {
    assertFraction(metric, curveFrom([1], [0]), 'one ID score above one OOD score');
    assertFraction(metric, curveFrom([0], [1]), 'one ID score below one OOD score');
  },
};

/** A detector that gives every image the same score is poor, not broken; its scores have no range to divide by. */
export const tiedScores: Check<MetricDefinition> = {
  title: 'measures scores that are all equal',
  run: (metric) => {
    const equal = new Array<number>(40).fill(0.5);
    assertFraction(metric, curveFrom(equal, equal), 'scores that are all ½');
  },
};

/** ±Infinity is a score like any other: the logarithm of a probability that underflows is one. */
export const infiniteScores: Check<MetricDefinition> = {
  title: 'accepts infinite scores',
  run: (metric) => {
    const infinities = [Infinity, -Infinity];
    const both = curveFrom([...scoresFrom(5, 38), ...infinities], [...scoresFrom(0, 38), ...infinities]);
    assertFraction(metric, both, 'sets with infinite scores');
  },
};

/** All metrics share one curve, so none may change it. */
export const curveUntouched: Check<MetricDefinition> = {
  title: 'does not change the curve',
  run: ({ value }) => {
    const curve = overlappingSets();
    value(curve);
    assert.deepEqual(curve, overlappingSets(), 'the curve was written to');
  },
};

/** Only the ratios of weights matter, not their unit. */
export const anyUnitOfWeight: Check<MetricDefinition> = {
  title: 'gives the same value when all weights are doubled, and when they are a quarter',
  run: (metric) => {
    const curve = overlappingSets();
    for (const factor of [2, 1 / 4]) {
      const times = (weights: Float64Array) => weights.map((weight) => factor * weight);
      const scaled = reweighted(curve, times(curve.id), times(curve.ood));
      assertSame(metric, scaled, curve, `weights times ${factor}`);
    }
  },
};

/** Experiments weight the OOD images of metrics that depend on the sizes of the sets, and only of those. */
export const sizesDeclared: Check<MetricDefinition> = {
  title: 'declares dependsOnSizes if and only if its value depends on the sizes of the sets',
  run: (metric) => {
    const curve = overlappingSets();
    const larger = reweighted(
      curve,
      curve.id,
      curve.ood.map((weight) => 3 * weight),
    );
    if (!metric.dependsOnSizes) assertSame(metric, larger, curve, 'OOD images that count three times');
    else assert.notEqual(metric.value(larger), metric.value(curve), `${metric.name} does not depend on the sizes`);
  },
};

/** The weight at a score matters, not whether there is an image. */
export const nextToNoWeight: Check<MetricDefinition> = {
  title: 'treats an image of negligible weight as none',
  run: (metric) => {
    const [id, ood] = [scoresFrom(5, 40), scoresFrom(0, 40)];
    const weights = (scores: readonly number[]) => [...scores.map(() => 1), leastWeight];
    const added = curveOf(Float32Array.of(...id, 7.25), Float32Array.of(...ood, 6.75), {
      id: weights(id),
      ood: weights(ood),
    });
    assertSame(metric, added, curveFrom(id, ood), `an image more of each set, of weight ${leastWeight}`);
  },
};

/** Lost in every sum with an integer. */
const leastWeight = 1e-300;

/** A metric must not keep anything between calls or draw random numbers. */
export const valueTwiceIsOnce: Check<MetricDefinition> = {
  title: 'gives the same value when called twice',
  run: ({ value }) => {
    const first = value(overlappingSets());
    assert.equal(value(overlappingSets()), first);
  },
};

/** The contract of a metric. */
export const metricChecks: readonly Check<MetricDefinition>[] = [
  isFraction,
  betterIsBetter,
  differentSizes,
  singleImages,
  tiedScores,
  infiniteScores,
  curveUntouched,
  valueTwiceIsOnce,
  anyUnitOfWeight,
  sizesDeclared,
  nextToNoWeight,
];

/** Asserts that a metric gives a fraction from 0 to 1 for a curve; `what` describes its scores. */
function assertFraction({ name, value }: MetricDefinition, curve: Curve, what: string): void {
  const found: unknown = value(curve);
  const inRange = typeof found === 'number' && found >= 0 && found <= 1;
  assert.ok(inRange, `${name} of ${what} is ${String(found)}, not a fraction from 0 to 1`);
}

/** The tolerance for rounding in float64 sums. */
export const tolerance = 1e-12;

/** Asserts that a metric gives the same value for two curves; `what` says how the first differs. */
function assertSame({ name, value }: MetricDefinition, curve: Curve, other: Curve, what: string): void {
  const [found, expected] = [value(curve), value(other)];
  assert.ok(Math.abs(found - expected) <= tolerance, `${name} with ${what} is ${found}, without it ${expected}`);
}

/** The curve of scores given as lists. */
export const curveFrom = (idScores: readonly number[], oodScores: readonly number[]): Curve =>
  curveOf(Float32Array.from(idScores), Float32Array.from(oodScores));

/** 40 ID scores and 40 OOD scores that overlap, with ties within and between the sets. */
const overlappingSets = (): Curve => curveFrom(scoresFrom(5, 40), scoresFrom(0, 40));

/** `count` scores in steps of ½ over ten units from `lowest` on, repeated and out of order. */
const scoresFrom = (lowest: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => lowest + ((i * 7) % 20) / 2);
