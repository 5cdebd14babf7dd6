import assert from 'node:assert/strict';
import { featuresOf, openNetwork, type BackboneSubject } from '../../backbone-subject.ts';
import { generatedImages } from '../../generated-images.ts';
import type { Check } from '../check.ts';

/** Stored features are found again by the network's graph: the same files must make the same one. */
export const openedAgain: Check<BackboneSubject> = {
  title: 'is the same network when it is opened again',
  run: async (subject) => {
    const images = generatedImages(2, subject.params.crop);
    const [first, second] = [await featuresOf(subject, images), await featuresOf(subject, images)];
    assert.deepEqual(second.data, first.data, 'the features differ');
    const heads = [await openNetwork(subject), await openNetwork(subject)].map(({ head }) => numbersOf(head));
    assert.deepEqual(heads[1], heads[0], 'the heads differ');
  },
};

const numbersOf = ({ weight, bias }: Awaited<ReturnType<typeof openNetwork>>['head']) =>
  [weight, bias].map(({ origin }) => (origin.kind === 'constant' ? origin.array.data : undefined));
