import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, learnsFrom, type ScorerDefinition } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { checkExperiment } from '../src/check-experiment.ts';
import { dataset, detector, overlap, part, temporaryFolder, tinyExperiment, writeImages } from './fixtures/tiny.ts';

let folder: string;
beforeAll(async () => (folder = await temporaryFolder()));

describe('checkExperiment counts as many passes as a run has', () => {
  const readings = ({ image }: { readonly image: Tensor }) => ({ mean: image.mean([2, 3]) });
  const learn = { fit: () => learnsFrom(['features'], () => ({ c: { data: Float32Array.of(1), shape: [] } })) };
  const reading = defineHook({ name: 'reading', readings, features: (h) => h.mul(1) });
  const learning = defineHook({ name: 'learning', ...learn, features: (h, _, { learnt }) => h.minimum(learnt.c!) });
  const flat = defineScorer({ name: 'flat', score: ({ logits }) => logits.max() });
  const overImage = defineScorer({ name: 'over-image', score: ({ image }) => image.mean([1, 2, 3]) });
  const after = (readingsAfter: ScorerDefinition['readingsAfter']) =>
    defineScorer({ name: 'after', ...learn, readingsAfter: readingsAfter!, score: ({ logits }) => logits.max() });

  it.each([
    ['a reading before a hook that learns', 1, [reading, learning], flat],
    ['a reading behind one', 2, [learning, reading], flat],
    ['a score over images', 1, [reading], overImage],
    ['a score over images behind a hook that learns', 2, [learning], overImage],
    ['a reading of what was learnt', 2, [], after(({ image }, _, at) => ({ mean: image.mul(at.learnt.c!) }))],
    ['a reading of what was learnt that the parameters leave out', 1, [], after(() => ({}))],
  ] as const)('%s: %i', async (_, passes, hooks, last) => {
    const id = await writeImages(path.join(folder, 'id'), 0, 2);
    const ood = await writeImages(path.join(folder, 'ood'), 2, 5);
    const detectors = [
      detector(
        'Mine',
        last,
        hooks.map((hook) => part(hook)),
      ),
    ];
    const experiment = tinyExperiment({ id, ood, detectors }, path.join(folder, 'store'));
    const { cost } = await checkExperiment({ ...experiment, fit: 'inside' });
    expect(cost.passes).toBe(passes);
  });

  it.each([
    ['points that need one', 1, [reading, learning]],
    ['points that need two', 2, [learning, reading]],
  ] as const)('to choose among %s', async (_, passes, hooks) => {
    const id = await writeImages(path.join(folder, 'id'), 0, 2);
    const judged = await writeImages(path.join(folder, 'judged'), 5, 8);
    const points = [0, 1].map((value) => ({
      ...detector(
        `Mine ${value}`,
        flat,
        hooks.map((hook) => part(hook)),
      ),
      point: { of: 'Mine', values: [{ part: 0, parameter: 'value', label: 'flat.value', value }] },
    }));
    const twice = detector('Twice', overImage, [part(learning)]);
    const tiny = tinyExperiment({ id, ood: id, detectors: [...points, twice] }, path.join(folder, 'store'));
    const datasets = new Map([...tiny.datasets, ['judged', dataset(judged)] as const]);
    const ood = ['gaussian noise', 'shuffled patches'];
    const { place } = tiny.backbone;
    const select = { by: overlap, id: ['judged'], ood, show: 'chosen', allowTestSets: false, place } as const;
    const { cost, choice } = await checkExperiment({ ...tiny, datasets, fit: 'inside', select });
    expect(choice).toEqual({ points: 2, detectors: 1, images: 9, made: 6, passes });
    expect(cost.passes).toBe(2);
  });
});
