import { defineHook, z } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { hookChecks } from '../src/checks/hook.ts';
import { testHook } from '../src/index.ts';
import { recordedTests } from './parts/recorded-tests.ts';

const shift = defineHook({
  name: 'shift',
  params: z.object({ by: z.number().default(1) }),
  features: (h, { by }) => h.add(by),
  head: ({ weight, bias }) => ({ weight: weight.mul(2), bias }),
  logits: (z) => z.sub(0.5),
});

describe('testHook', () => {
  it('registers a test for every case and every clause of the contract, and all pass for a correct hook', async () => {
    const verdicts = await recordedTests((functions) =>
      testHook(
        shift,
        [
          { title: 'without a head', features: [[1, 2]], logits: [[3.5, 5.5]] },
          {
            title: 'with a head',
            params: { by: 2 },
            features: [
              [1, 2],
              [0, 0],
            ],
            head: {
              weight: [
                [1, 10],
                [0, 1],
                [1, 0],
              ],
              bias: [0, 0, 100],
            },
            logits: [
              [85.5, 7.5, 105.5],
              [43.5, 3.5, 103.5],
            ],
          },
          { title: 'a text is refused', params: { by: 'much' }, refused: 'by' },
        ],
        functions,
      ),
    );
    expect(Object.values(verdicts).filter((message) => message !== undefined)).toEqual([]);
    expect(Object.keys(verdicts)).toHaveLength(3 + hookChecks.length);
  });

  it('says which logit of a case is wrong', async () => {
    const verdicts = await recordedTests((functions) =>
      testHook(shift, [{ title: 'wrong', features: [[1, 2]], logits: [[3.5, 5]] }], functions),
    );
    expect(verdicts.wrong).toBe('wrong: number 1 is 5.5, expected 5');
  });
});
