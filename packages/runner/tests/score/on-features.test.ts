import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, type HookDefinition, type ScorerDefinition } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { constant } from '@farout/tensor';
import type { FittedDetector } from '../../src/fit/rows.ts';
import { planScores, scoreDataset, Scoring } from '../../src/score/on-features.ts';
import { rowSetOf } from '../fixtures/row-set.ts';
import { firstFeature } from '../fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', score: ({ logits }) => logits.max() });
const difference = defineScorer({
  name: 'difference',
  score: ({ features }) =>
    features
      .slice(1, 0, 1)
      .sub(features.slice(1, 1, 2))
      .sum([1]),
});
/** A row of two features does not fill rows of seven: that shows when it runs. */
const refused = defineScorer({
  name: 'refused',
  score: ({ logits, features }) => logits.max().add(features.reshape(['M', 7]).sum().sum()),
});
/** Takes the logit that the second feature names, of two: those it is tried on name one, a 5 does not. */
const looked = defineScorer({
  name: 'looked',
  score: ({ logits, features }) => logits.max().add(logits.takeAlong(features.slice(1, 1, 2).cast('int64')).max()),
});
const broken = defineScorer({
  name: 'broken',
  score: () => {
    throw new Error('no formula');
  },
});
/** No number where the first feature is negative. */
const rooted = defineScorer({ name: 'rooted', score: ({ features }) => features.slice(1, 0, 1).sqrt().sum([1]) });
const doubled = defineHook({ name: 'doubled', features: (h) => h.mul(2) });

/** Five images of two features in blocks of 3 and 2. */
const values = [
  [1, 5],
  [2, 0.5],
  [3, 3],
  [-7, -8],
  [0, 2],
] as const;
const set = rowSetOf({ features: values, shard: 3 });

/** Logits are (h₀, h₁ − 1). */
const stages = {
  head: {
    weight: constant({ data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] }),
    bias: constant({ data: Float32Array.of(0, -1), shape: [2] }),
  },
  featureWidth: 2,
};

const fitted = (name: string, scorer: ScorerDefinition, ...hooks: HookDefinition[]): FittedDetector => ({
  name,
  hooks: hooks.map((definition) => ({ definition, params: {}, learnt: {}, stored: new Map() })),
  scorer: { definition: scorer, params: {}, learnt: {}, stored: new Map() },
});

async function scored(scorers: Readonly<Record<string, ScorerDefinition>>) {
  const detectors = Object.entries(scorers).map(([name, definition]) => fitted(name, definition));
  const scoring = await Scoring.open(planScores(detectors, stages), stages);
  try {
    const dataset = await scoreDataset(set, scoring, new AbortController().signal);
    return { ...dataset, failed: scoring.failed };
  } finally {
    await scoring.release();
  }
}

describe('planScores', () => {
  const plan = planScores(
    [
      fitted('Max', maxLogit),
      fitted('Broken', broken),
      fitted('First', firstFeature, doubled),
      fitted('Doubled', maxLogit, doubled),
    ],
    stages,
  );

  it('scores on features what looks at no image, by a score of the graph; rows that a function reads are not its business', () => {
    expect([...plan.onFeatures].map(([{ name }, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['Max', 'float32', ['N']],
      ['Doubled', 'float32', ['N']],
    ]);
  });

  it('makes one constant of what detectors have learnt alike, and computes with it once', () => {
    const turned = defineScorer({
      name: 'turned',
      score: ({ features }, _, { learnt }) => features.matmul(learnt.turn!).max(),
    });
    const having = (name: string, turn: Float32Array, ...hooks: HookDefinition[]) => {
      const { scorer, ...rest } = fitted(name, turned, ...hooks);
      return { ...rest, scorer: { ...scorer, learnt: { turn: { data: turn, shape: [2, 16] } } } };
    };
    const drawn = (first: number) => Float32Array.from({ length: 32 }, (_, i) => (i === 31 ? first : i));
    const { onFeatures } = planScores(
      [
        having('One', drawn(0)),
        having('Like', drawn(0)),
        having('Other', drawn(1)),
        having('Hooked', drawn(0), doubled),
      ],
      stages,
    );
    const products = (names: readonly string[]) => {
      const scores = [...onFeatures].filter(([{ name }]) => names.includes(name));
      const file = writeOnnx(Object.fromEntries(scores.map(([{ name }, score]) => [name, score])));
      const text = Buffer.from(file).toString('latin1');
      return text.split('MatMul').length;
    };
    expect(products(['One', 'Like'])).toBe(products(['One']));
    expect(products(['One', 'Other'])).toBeGreaterThan(products(['One']));
    expect(products(['One', 'Hooked'])).toBeGreaterThan(products(['One']));
  });

  it('names a detector that cannot be built, and builds the others', () => {
    expect(plan.failed).toMatchObject([
      { detector: 'Broken', code: 'OOD_DETECTOR_FAILED', message: expect.stringContaining('no formula') as unknown },
    ]);
  });
});

describe('scoreDataset', () => {
  it('scores all images block by block, as plain loops do, and says which class the network predicts', async () => {
    const { scores, predicted, failed } = await scored({ Max: maxLogit, Difference: difference });
    const logits = values.map(([a, b]) => [a, b - 1] as const);
    expect(failed).toEqual([]);
    expect([...scores.get('Max')!]).toEqual(logits.map(([a, b]) => Math.max(a, b)));
    expect([...scores.get('Difference')!]).toEqual(values.map(([a, b]) => a - b));
    expect([...predicted]).toEqual(logits.map(([a, b]) => (b > a ? 1 : 0)));
  });

  it('leaves a detector out from where its score is no number', async () => {
    const { scores, failed } = await scored({ Rooted: rooted, Max: maxLogit });
    expect(failed).toMatchObject([
      { detector: 'Rooted', code: 'OOD_SCORE_INVALID', message: expect.stringContaining('"3"') as unknown },
    ]);
    expect([...scores.keys()]).toEqual(['Max']);
  });
});

describe('Scoring', () => {
  it('leaves out the one detector that onnxruntime refuses', async () => {
    const { scores, failed } = await scored({ Refused: refused, Max: maxLogit });
    expect(failed.map(({ detector }) => detector)).toEqual(['Refused']);
    expect([...scores.keys()]).toEqual(['Max']);
  });

  it('leaves out the one detector that falls over some rows alone, and scores the others on these too', async () => {
    const { scores, failed } = await scored({ Max: maxLogit, Looked: looked, Difference: difference });
    expect(failed).toMatchObject([
      { detector: 'Looked', code: 'OOD_DETECTOR_FAILED', message: expect.stringContaining('Out of range') as unknown },
    ]);
    expect([...scores].map(([name, found]) => [name, [...found]])).toEqual([
      ['Max', values.map(([a, b]) => Math.max(a, b - 1))],
      ['Difference', values.map(([a, b]) => a - b)],
    ]);
  });
});
