import { fpr95 } from '../../packages/metrics/src/index.ts';
import { bootstrapSpread } from '../../packages/runner/src/evaluate/bootstrap.ts';
import { Drawing } from '../../packages/runner/src/evaluate/draws.ts';
import { drawsAtOnce } from '../../packages/runner/src/evaluate/draw-room.ts';
import { rankingOf } from '../../packages/runner/src/evaluate/rankings.ts';
import type { IntervalOf } from './intervals.ts';

const draws = 2000;

/** The interval of FPR95 that results have: from draws. */
export const drawnInterval: IntervalOf = (id, ood) => {
  const set = (name: string, images: number) => ({ name, images, units: images });
  const sets = {
    seed: 0,
    id: set('id', id.length),
    ood: [set('ood', ood.length)],
    rankings: [[rankingOf(id, ood, 0)]],
  };
  const numbers = new Float64Array(draws);
  const drawing = new Drawing(sets, [{ value: fpr95.value, draws, numbers }]);
  for (let first = 0; first < draws; first += drawsAtOnce) drawing.measure(first);
  // Strictly within 0..1: at the ends the interval does not come from draws.
  const interval = bootstrapSpread(fpr95, { draws, numbers }, sets).interval(0, { name: 'ood', sets: [0] }, 0.5);
  return interval ?? { low: NaN, high: NaN };
};
