import { describe, expect, it } from '@jest/globals';
import { defineHook, z, type Learnt } from '@farout/core';
import { hookThreshold } from '../../src/report-data/hook-threshold.ts';

const definition = defineHook({ name: 'clip', params: z.object({}) });
const hook = (params: Record<string, unknown>, learnt: Learnt = {}) => ({ definition, params, learnt });

describe('hookThreshold', () => {
  it.each([
    ['the c that was learnt', [hook({}, { c: { data: Float64Array.of(1.5), shape: [] } })], 1.5],
    ['the c that was given', [hook({ c: 2 })], 2],
    ['the first hook that has one', [hook({ gain: 3 }), hook({ c: 2 }), hook({ c: 4 })], 2],
    ['nothing where no hook has one', [hook({ gain: 3 })], undefined],
    ['nothing where c is an array', [hook({}, { c: { data: Float64Array.of(1, 2), shape: [2] } })], undefined],
  ])('is %s', (_, hooks, expected) => {
    expect(hookThreshold(hooks)).toBe(expected);
  });
});
