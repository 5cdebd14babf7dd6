import type { Curve, MetricDefinition } from '@farout/core';
import type { MeasuredMetric } from './experiment.ts';

/**
 * A metric of sets in which there are `ratio` OOD images to an ID image: each OOD image weighs ratio · N_id / N_ood before the metric is
 * taken, where N counts the images by the weights they had.
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

/** What results call a metric at a ratio. */
export const nameAtRatio = (name: string, ratio: number) => `${name} at ratio ${ratio}`;

function weighed(curve: Curve, ratio: number): Curve {
  const factor = (ratio * curve.idTotal) / curve.oodTotal;
  // No weight becomes 0: the scores stay as they are, and nothing is to be counted again.
  return { ...curve, ood: curve.ood.map((weight) => weight * factor), oodTotal: curve.oodTotal * factor };
}
