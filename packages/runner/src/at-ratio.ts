import type { Curve, MetricDefinition } from '@farout/core';
import type { MeasuredMetric } from './experiment.ts';

/**
 * A metric for sets with `ratio` OOD images per ID image: multiplies the weight of each OOD image by
 * ratio · N_id / N_ood before the metric is computed, where N is the sum of the images' original weights.
 */
export function atRatio(metric: MetricDefinition, ratio: number): MeasuredMetric {
  const { name, convention, note, value } = metric;
  const ownNote = `the OOD images together weigh ${ratio === 1 ? 'as much as' : `${ratio} times`} the ID images`;
  return {
    ...metric,
    name: nameAtRatio(name, ratio),
    convention: [convention, `ratio ${ratio}`].filter((each) => each !== undefined).join(', '),
    note: [note, ownNote].filter((each) => each !== undefined).join('; here '),
    value: (curve) => value(weighed(curve, ratio)),
    ratio: { of: name, value: ratio },
  };
}

/** The name of a metric at a ratio, in results. */
export const nameAtRatio = (name: string, ratio: number) => `${name} at ratio ${ratio}`;

function weighed(curve: Curve, ratio: number): Curve {
  const factor = (ratio * curve.idTotal) / curve.oodTotal;
  // No weight becomes 0, so the scores stay the same and nothing needs to be counted again.
  return { ...curve, ood: curve.ood.map((weight) => weight * factor), oodTotal: curve.oodTotal * factor };
}
