import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, z, type HookDefinition, type ScorerDefinition } from '@farout/core';
import { constant, input, type Tensor } from '@farout/tensor';
import type { FittedDetector } from '../../src/fit/fit.ts';
import { planScores } from '../../src/score/trace.ts';
import { firstFeature } from '../fixtures/tiny.ts';

const params = z.object({});
const maxLogit = defineScorer({ name: 'max-logit', params, score: ({ logits }) => logits.max() });
const brightness = defineScorer({ name: 'brightness', params, score: ({ image }) => image.mean([1, 2, 3]) });
const broken = defineScorer({
  name: 'broken',
  params,
  score: () => {
    throw new Error('no formula');
  },
});
const doubled = defineHook({ name: 'doubled', params, features: (h) => h.mul(2) });

const head = {
  weight: constant({ data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] }),
  bias: constant({ data: new Float32Array(2), shape: [2] }),
};
const images = {
  image: input('pixels', ['N', 3, 4, 4]),
  std: constant({ data: new Float32Array(3).fill(1), shape: [3, 1, 1] }),
  featuresOf: (image: Tensor) => image.mean([2, 3]).slice(1, 0, 2),
};

const fitted = (name: string, scorer: ScorerDefinition, ...hooks: HookDefinition[]): FittedDetector => ({
  name,
  hooks: hooks.map((definition) => ({ definition, params: {}, learnt: {} })),
  scorer: { definition: scorer, params: {}, learnt: {} },
});

describe('planScores', () => {
  const plan = planScores(
    [
      fitted('Max', maxLogit),
      fitted('Bright', brightness),
      fitted('Broken', broken),
      fitted('First', firstFeature, doubled),
    ],
    { head, featureWidth: 2, images },
  );

  it('scores on features what looks at no image: by a score of the graph, or by the rows that a function reads', () => {
    const outputs = [...plan.onFeatures].map(([index, traced]) => [index, Object.keys(traced).sort()]);
    expect(outputs).toEqual([
      [0, ['detector0.score']],
      [3, ['detector3.features', 'detector3.logits']],
    ]);
  });

  it('scores on images what looks at them', () => {
    expect([...plan.onImages.keys()]).toEqual([1]);
  });

  it('names a detector that cannot be built, and builds the others', () => {
    expect(plan.failed).toMatchObject([
      { detector: 'Broken', code: 'OOD_DETECTOR_FAILED', message: expect.stringContaining('no formula') as unknown },
    ]);
  });
});
