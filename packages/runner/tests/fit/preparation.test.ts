import { describe, expect, it } from '@jest/globals';
import {
  defineHook,
  defineScorer,
  learnsFrom,
  scoresFrom,
  type HookDefinition,
  type ScorerDefinition,
} from '@farout/core';
import { constant, input, type Tensor } from '@farout/tensor';
import { Preparation } from '../../src/fit/preparation.ts';
import { detector, firstFeature, part } from '../fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', score: ({ logits }) => logits.max() });
const brightness = defineScorer({ name: 'brightness', score: ({ image }) => image.mean([1, 2, 3]) });
const brightnessOfTap = defineScorer({
  name: 'brightness-of-tap',
  readings: ({ tap }) => ({ maxima: tap('stem').max([2, 3]) }),
  score: (_network, _params, { readings }) => readings.maxima!.mean([1]),
});
/** Its step reads what the first pass leaves; the second pass needs what the step has learnt. */
const aboutLearnt = defineScorer({
  name: 'about-learnt',
  readings: ({ tap }) => ({ means: tap('stem').mean([2, 3]) }),
  readingsAfter: ({ image }, _params, { learnt }) => ({ moved: image.sub(learnt.centre!).mean([2, 3]) }),
  fit: () => learnsFrom(['means'], () => ({ centre: { data: Float32Array.of(1), shape: [] } })),
  score: (_network, _params, { readings }) => readings.moved!.mean([1]),
});
/** One reading for its step, one for its score. */
const readings: ScorerDefinition['readings'] = ({ tap }) => ({
  means: tap('stem').mean([2, 3]),
  maxima: tap('stem').max([2, 3]),
});
const fit = () => learnsFrom(['means', 'labels'], () => ({}));
const apart = defineScorer({ name: 'apart', readings, fit, reads: ['maxima'], score: (_network, _params, at) => at.readings.maxima!.mean([1]) }); // prettier-ignore
const rowsApart = defineScorer({
  name: 'rows-apart',
  readings,
  fit,
  rows: () => scoresFrom(['maxima'], () => ({ maxima }) => maxima.data.slice(0, maxima.shape[0])), // prettier-ignore
});
const doubled = defineHook({ name: 'doubled', features: (h) => h.mul(2) });
const learning = defineHook({
  name: 'learning',
  fit: () => learnsFrom(['features'], () => ({})),
  features: (h) => h.mul(2),
});

const stem = (image: Tensor) => image.relu();
const features = (image: Tensor) => stem(image).mean([2, 3]).slice(1, 0, 2);
const network = {
  head: {
    weight: constant({ data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] }),
    bias: constant({ data: new Float32Array(2), shape: [2] }),
  },
  featureWidth: 2,
  images: {
    image: input('pixels', ['N', 3, 4, 4]),
    std: constant({ data: new Float32Array(3).fill(1), shape: [3, 1, 1] }),
    backbone: { features, taps: (image: Tensor) => new Map([['stem', stem(image)]]) },
  },
  keyOf: (hash: string) => hash,
  allowLargeReadings: false,
};

/** What a detector declares before anything is learnt. */
const declared = (scorer: ScorerDefinition, ...hooks: HookDefinition[]) =>
  new Preparation(
    detector(
      'D',
      scorer,
      hooks.map((hook) => part(hook)),
    ),
    network,
    'fit',
  )
    .declare()
    .map(({ reading: { what, tensor, graph }, compared, fit }) => [what, tensor.shape, graph, compared, [...fit]]);

describe('Preparation', () => {
  it('wants nothing of images for what looks at none', () => {
    expect(declared(maxLogit)).toEqual([]);
    expect(declared(firstFeature, doubled)).toEqual([]);
  });

  it('wants what only steps read of the sets alone that these learn from', () => {
    const wanted = [
      ['reading "means" of "D"', ['N', 3], 'forward', false, ['fit']],
      ['reading "maxima" of "D"', ['N', 3], 'forward', true, []],
    ];
    expect(declared(apart)).toEqual(wanted);
    expect(declared(rowsApart)).toEqual(wanted);
  });

  it('scores on images what looks at them: the whole score is a reading', () => {
    expect(declared(brightness)).toEqual([['the score of "D"', ['N', 1], 'image', true, []]]);
  });

  it('wants what a part declares of the one forward pass, and scores on it', () => {
    expect(declared(brightnessOfTap, doubled)).toEqual([['reading "maxima" of "D"', ['N', 3], 'forward', true, []]]);
  });

  it('waits with readings of the second pass until the step has learnt that reads those of the first', () => {
    expect(declared(aboutLearnt)).toEqual([['reading "means" of "D"', ['N', 3], 'forward', true, ['fit']]]);
  });

  it('waits with a score on images until the hooks before it have learnt', () => {
    expect(declared(brightness, learning)).toEqual([]);
  });
});
