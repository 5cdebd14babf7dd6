import type { MetricDefinition } from '../../packages/core/src/index.ts';
import { bootstrapSpread } from '../../packages/runner/src/evaluate/bootstrap.ts';
import { Drawing } from '../../packages/runner/src/evaluate/draws.ts';
import { drawsAtOnce } from '../../packages/runner/src/evaluate/draw-room.ts';
import { rankingOf } from '../../packages/runner/src/evaluate/rankings.ts';
import type { Bounds } from '../../packages/statistics/src/index.ts';

/** The scores of a detector. */
export interface Scores {
  readonly id: Float32Array;
  readonly ood: Float32Array;
}

/** The interval of a detector's metric value, by detector index. */
type IntervalOfValue = (detector: number, value: number) => Bounds;

/**
 * Draws images like a run, the same for all detectors, and returns a function that makes intervals of metric values: by the traits of the metric, or
 * by given ones.
 */
export function drawnIntervals(
  metric: MetricDefinition,
  detectors: readonly Scores[],
  draws: number,
): (traits?: Parameters<typeof bootstrapSpread>[0]) => IntervalOfValue {
  const [{ id, ood }] = detectors as [Scores];
  const set = (name: string, images: number) => ({ name, images, units: images });
  const sets = {
    seed: 0,
    id: set('id', id.length),
    ood: [set('ood', ood.length)],
    rankings: detectors.map((scores) => [rankingOf(scores.id, scores.ood, 0)]),
  };
  const numbers = new Float64Array(detectors.length * draws);
  const drawing = new Drawing(sets, [{ value: metric.value, draws, numbers }]);
  for (let first = 0; first < draws; first += drawsAtOnce) drawing.measure(first);
  return (traits = metric) => {
    const { interval } = bootstrapSpread(traits, { draws, numbers }, sets);
    return (detector, value) => interval(detector, { name: 'ood', sets: [0] }, value) ?? { low: NaN, high: NaN };
  };
}
