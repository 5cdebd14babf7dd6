import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, scoresFrom, type HookDefinition, type ScorerDefinition } from '@farout/core';
import { constant } from '@farout/tensor';
import type { FittedDetector } from '../../src/fit/rows.ts';
import { scoreRows } from '../../src/score/on-rows.ts';
import { rowSetOf } from '../fixtures/row-set.ts';
import { firstFeature } from '../fixtures/tiny.ts';

/** How many rows it was asked for; gives one score too few. */
function tooFew(asked: number[]): ScorerDefinition {
  return defineScorer({
    name: 'too-few',
    rows: () =>
      scoresFrom(['features'], () => ({ features: { shape } }) => {
        asked.push(shape[0]);
        return new Float32Array(shape[0] - 1);
      }),
  });
}

/** Logits are (h₀, h₁ − 1). */
const network = {
  head: {
    weight: constant({ data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] }),
    bias: constant({ data: Float32Array.of(0, -1), shape: [2] }),
  },
  featureWidth: 2,
};
const doubled = defineHook({ name: 'doubled', features: (h) => h.mul(2) });
const values = [
  [1, 5],
  [-2, 0.5],
  [3, 3],
  [-7, -8],
  [0, 2],
] as const;

const scoresOf = (definition: ScorerDefinition, ...hooks: HookDefinition[]) => {
  const fitted: FittedDetector = {
    name: 'D',
    hooks: hooks.map((hook) => ({ definition: hook, params: {}, learnt: {}, stored: new Map() })),
    scorer: { definition, params: {}, learnt: {}, stored: new Map() },
  };
  const sets = new Map([
    ['five', rowSetOf({ features: values, shard: 3 })],
    ['two', rowSetOf({ features: values.slice(2, 4) })],
  ]);
  return scoreRows(fitted, sets, { network, seed: 7, signal: new AbortController().signal });
};

describe('scoreRows', () => {
  it('scores all images of every set, in their order', async () => {
    const scores = await scoresOf(firstFeature);
    expect([...scores.get('five')!]).toEqual(values.map(([a]) => a));
    expect([...scores.get('two')!]).toEqual([3, -7]);
  });

  it('shows a function the rows behind the hooks, and lets it prepare once for all sets, with head and seed', async () => {
    const seen: unknown[] = [];
    const scorer = defineScorer({
      name: 'second-logit',
      draws: true,
      rows: () =>
        scoresFrom(['logits'], ({ head, classes, seed, learnt }) => {
          seen.push([[...head.weight.data], [...head.bias.data], classes, seed, learnt]);
          return ({ logits: { data } }) => data.filter((_, i) => i % 2 === 1);
        }),
    });
    const scores = await scoresOf(scorer, doubled);
    expect([...scores.get('five')!]).toEqual(values.map(([, b]) => 2 * b - 1));
    expect(seen).toEqual([[[1, 0, 0, 1], [0, -1], 2, 7, {}]]);
  });

  it('refuses another number of scores than images, and asks no further', async () => {
    const asked: number[] = [];
    await expect(scoresOf(tooFew(asked))).rejects.toMatchObject({
      code: 'OOD_SCORE_INVALID',
      message: 'returned 6 scores for 7 images, expected a Float32Array with one score each',
    });
    expect(asked).toEqual([7]);
  });

  it('refuses rows that the scorer does not declare, by their names', async () => {
    const scorer = defineScorer({
      name: 'undeclared',
      rows: () => scoresFrom(['maxima'], () => () => new Float32Array(5)),
    });
    await expect(scoresOf(scorer)).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: expect.stringContaining('maxima') as unknown,
    });
  });
});
