import { describe, expect, it } from '@jest/globals';
import { keeps, type Seen } from '../../statistics/tests/parts/conformal-simulation.ts';
import { refusedByClass } from './parts/per-class-simulation.ts';

const few = 1500;

describe('thresholds of classes', () => {
  it('refuse at most the share that is promised of each class by itself, and of all others', () => {
    const seen = refusedByClass(200, 'all different', few, 0.9);
    expect(seen.map(({ what }) => what.split(',')[0])).toEqual([
      ...['class 0', 'class 1', 'class 2'].map((each) => `refused of ${each}`),
      'refused of all other classes',
    ]);
    expect(seen.filter((each) => !keeps(each))).toEqual([]);
  });

  it('are needed: by one for all, more of a class are refused', () => {
    const all: Seen[] = refusedByClass(200, 'all different', few, 0.9, { together: true });
    expect(all.filter((each) => !keeps(each)).map(({ what }) => what)).not.toEqual([]);
  });
});
