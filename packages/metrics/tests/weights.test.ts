import { describe, expect, it } from '@jest/globals';
import { curveOf } from '@farout/core';
import { fpr95, fpr95OodPositive, metrics } from '@farout/metrics';

const idScores = Float32Array.of(9, 8, 8, 7, 6.5, 6, 5, 5, 4.5, 4, 3, 2.5, 2, 9.5, 7.5, 5.5, 3.5, 6.25, 8.25, 1.5);
const oodScores = Float32Array.of(0.5, 1, 1.5, 2, 2, 3, 4, 5, 5, 6.5, 7, 0.25, 0.75, 1.25, 8);
const id = [0.3, 1.2, 0.7, 2.1, 0.4, 0.9, 1.7, 0.25, 3.2, 0.6, 1.1, 0.35, 0.8, 1.9, 0.15, 2.4, 0.45, 1.3, 0.55, 0.95];
const ood = [1.4, 0.2, 0.65, 2.3, 0.85, 0.3, 1.15, 0.7, 0.1, 1.8, 0.05, 0.9, 2.6, 0.33, 0.47];

/** scikit-learn 1.2.1 with `sample_weight`, on negated scores where OOD is positive. */
const scikitLearn = {
  auroc: 0.8256676532625705,
  'average-precision-in': 0.8545572439070195,
  'average-precision-out': 0.8125802883654828,
  'fpr95-ood-positive': 0.6760563380281691, // roc_curve(drop_intermediate=False), the first point at 95 %
};

/** NumPy, by the definitions, comparing every weight with every threshold. */
const definitions = {
  fpr95: 0.331159420289855, // t = 2
  'detection-error': 0.18005698005698004,
  'aupr-in': 0.8126792431674005,
  'aupr-out': 0.7865604813854459,
};

describe('the metrics of images that have weights', () => {
  const expected = Object.entries<number>({ ...scikitLearn, ...definitions });

  it('are all here', () => {
    expect(expected.map(([name]) => name).sort()).toEqual(metrics.metrics!.map(({ name }) => name).sort());
  });

  it.each(expected)('%s is as others measure it', (name, value) => {
    const metric = metrics.metrics!.find((candidate) => candidate.name === name)!;
    expect(metric.value(curveOf(idScores, oodScores, { id, ood }))).toBeCloseTo(value, 12);
  });

  it.each([0.1, 1 / 3, 1 / 40, 0.7])('have the same threshold at 95 %% whether each of 40 weighs 1 or %d', (weight) => {
    const ramp = Float32Array.from({ length: 40 }, (_, image) => image);
    const each = Array<number>(40).fill(weight);
    const [weighted, counted] = [curveOf(ramp, ramp, { id: each, ood: each }), curveOf(ramp, ramp)];
    expect([fpr95.value(counted), fpr95OodPositive.value(counted)]).toEqual([37 / 40, 38 / 40]);
    expect(fpr95.value(weighted)).toBeCloseTo(37 / 40, 12);
    expect(fpr95OodPositive.value(weighted)).toBeCloseTo(38 / 40, 12);
  });
});
