import { defineMetric } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { metricChecks } from '../src/checks/metric.ts';
import { testMetric } from '../src/index.ts';
import { recordedTests } from './parts/recorded-tests.ts';

/** The share of ID scores above the largest OOD score. */
const clear = defineMetric({
  name: 'clear',
  better: 'higher',
  value: ({ id, ood, idTotal }) => {
    const highestOod = ood.findIndex((weight) => weight > 0);
    return id.subarray(0, highestOod).reduce((sum, weight) => sum + weight, 0) / idTotal;
  },
});

describe('testMetric', () => {
  it('registers a test for every case and every clause of the contract, and all pass for a correct metric', async () => {
    const verdicts = await recordedTests((functions) =>
      testMetric(
        clear,
        [
          { title: 'in any order', idScores: [1, 5, 3], oodScores: [2, 0], value: 2 / 3 },
          { title: 'infinite', idScores: [Infinity], oodScores: [0], value: 1 },
        ],
        functions,
      ),
    );
    expect(Object.values(verdicts).filter((message) => message !== undefined)).toEqual([]);
    expect(Object.keys(verdicts)).toHaveLength(2 + metricChecks.length);
  });

  it('says which value a case has, also where it is no number', async () => {
    const nothing = defineMetric({ ...clear, value: () => NaN });
    const half = { title: 'half', idScores: [1, 3], oodScores: [2], value: 0.4 };
    const register = (metric: typeof clear) =>
      recordedTests((functions) => testMetric(metric, [half], functions)).then((verdicts) => verdicts.half);
    expect(await register(clear)).toBe('half: the value is 0.5, expected 0.4');
    expect(await register(nothing)).toBe('half: the value is NaN, expected 0.4');
  });

  it('takes scores as the float32 that they become', async () => {
    const verdicts = await recordedTests((functions) =>
      testMetric(clear, [{ title: 'equal', idScores: [0.1 + 1e-12], oodScores: [0.1], value: 0 }], functions),
    );
    expect(verdicts.equal).toBeUndefined();
  });
});

testMetric(clear, [
  { title: 'registers with the global functions of the runner', idScores: [1], oodScores: [0], value: 1 },
]);
