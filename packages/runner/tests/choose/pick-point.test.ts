import { describe, expect, it } from '@jest/globals';
import { defineScorer, z } from '@farout/core';
import { defaultOf, pickPoint, type JudgedPoint } from '../../src/choose/pick-point.ts';
import { part } from '../fixtures/tiny.ts';

const scorer = defineScorer({
  name: 'swept',
  params: z.object({
    t: z.number().default(10),
    kind: z.enum(['a', 'b', 'c']).default('b'),
    meant: z.number().optional().meta({ usual: 4 }),
    free: z.number().optional(),
  }),
  score: ({ logits }) => logits.max(),
});

/** A point with these values and what it is worth. */
function point(values: Readonly<Record<string, unknown>>, value?: number): JudgedPoint {
  const swept = Object.entries(values).map(([parameter, each]) => ({
    ...{ part: 0, parameter, label: `swept.${parameter}`, value: each },
  }));
  const name = JSON.stringify(values);
  return { detector: { name, hooks: [], scorer: part(scorer, values), point: { of: 'Swept', values: swept } }, value };
}

const picked = (points: readonly JudgedPoint[], better: 'higher' | 'lower' = 'higher') => {
  const found = pickPoint(points, better);
  return found && { name: found.best.detector.name, equal: found.equal.length };
};

describe('the point of a sweep that is chosen', () => {
  it('is the best by the metric, whichever way that goes', () => {
    const points = [point({ t: 1 }, 0.2), point({ t: 2 }, 0.9), point({ t: 3 }, 0.1)];
    expect(picked(points)).toEqual({ name: '{"t":2}', equal: 1 });
    expect(picked(points, 'lower')).toEqual({ name: '{"t":3}', equal: 1 });
  });

  it('is the default of several that are equal, else the one nearest to it', () => {
    expect(picked([1, 10, 100].map((t) => point({ t }, 0.5)))).toEqual({ name: '{"t":10}', equal: 3 });
    expect(picked([1, 12, 100].map((t) => point({ t }, 0.5)))).toEqual({ name: '{"t":12}', equal: 3 });
    expect(picked([point({ t: 10 }, 0.1), point({ t: 90 }, 0.5), point({ t: 80 }, 0.5)])).toEqual({
      name: '{"t":80}',
      equal: 2,
    });
  });

  it('is the first of several that are equally near, or that have no default', () => {
    expect(picked([8, 12].map((t) => point({ t }, 0.5)))?.name).toBe('{"t":8}');
    expect(picked([3, 1, 2].map((free) => point({ free }, 0.5)))?.name).toBe('{"free":3}');
  });

  it('weighs each parameter by the span of its values, and a word by whether it is the default', () => {
    const points = [point({ t: 100, kind: 'b' }, 1), point({ t: 1, kind: 'a' }, 1), point({ t: 1, kind: 'b' }, 1)];
    expect(picked(points)?.name).toBe('{"t":1,"kind":"b"}');
  });

  it('is none that failed, and none at all where all did', () => {
    expect(picked([point({ t: 10 }), point({ t: 90 }, 0)])).toEqual({ name: '{"t":90}', equal: 1 });
    expect(picked([point({ t: 10 })])).toBeUndefined();
  });
});

it('knows a default by the schema, or by what its meta names', () => {
  const { detector } = point({ t: 1, kind: 'a', meant: 1, free: 1 });
  expect(detector.point!.values.map((swept) => defaultOf(detector, swept))).toEqual([10, 'b', 4, undefined]);
});
