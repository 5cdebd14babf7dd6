import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, z } from '@farout/core';
import { percentileVariants } from '../../src/report-data/percentile-variants.ts';
import { part } from '../fixtures/tiny.ts';

const scorer = part(defineScorer({ name: 'max', params: z.object({}), score: ({ logits }) => logits.max() }));
const clip = defineHook({
  name: 'clip',
  params: z
    .object({ c: z.number().optional(), percentile: z.number().max(100).optional(), gain: z.number().default(1) })
    .refine(({ c, percentile }) => c === undefined || percentile === undefined),
});
const plain = part(defineHook({ name: 'plain', params: z.object({ gain: z.number().default(1) }) }), { gain: 1 });

const paramsOf = (hooks: Parameters<typeof percentileVariants>[0]['hooks']) =>
  percentileVariants({ name: 'D', hooks, scorer }, [50, 90])?.detectors.map((variant) =>
    variant.hooks.map(({ params }) => params),
  );

describe('percentileVariants', () => {
  it('gives each percentile to the first hook that takes one and keeps its other parameters', () => {
    expect(paramsOf([plain, part(clip, { percentile: 80, gain: 3 }), part(clip, {})] as never)).toEqual([
      [{ gain: 1 }, { percentile: 50, gain: 3 }, {}],
      [{ gain: 1 }, { percentile: 90, gain: 3 }, {}],
    ]);
  });

  it('puts it in the place of a threshold that is given', () => {
    expect(paramsOf([part(clip, { c: 1, gain: 1 })] as never)).toEqual([
      [{ percentile: 50, gain: 1 }],
      [{ percentile: 90, gain: 1 }],
    ]);
  });

  it('says which hook it is, and calls the variants by their percentiles', () => {
    const variants = percentileVariants({ name: 'D', hooks: [plain, part(clip, {})] as never, scorer }, [50, 97.5]);
    expect(variants?.hook).toBe(1);
    expect(variants?.detectors.map(({ name }) => name)).toEqual(['50', '97.5']);
  });

  it('gives nothing where no hook takes a percentile', () => {
    expect(paramsOf([plain] as never)).toBeUndefined();
    expect(paramsOf([])).toBeUndefined();
  });
});
