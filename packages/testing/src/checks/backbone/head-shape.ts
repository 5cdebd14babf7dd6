import assert from 'node:assert/strict';
import { openNetwork, type BackboneSubject } from '../../backbone-subject.ts';
import type { Check } from '../check.ts';

/** Hooks that rewrite the head, and scorers that read it, count on K rows and a bias for each. */
export const headShape: Check<BackboneSubject> = {
  title: 'has a head of known sizes: weight (K, D) and bias (K), float32',
  run: async (subject) => {
    const { weight, bias } = (await openNetwork(subject)).head;
    assert.deepEqual([weight.dtype, bias.dtype], ['float32', 'float32']);
    const areSizes = weight.shape.every((size) => typeof size === 'number');
    assert.ok(areSizes && weight.shape.length === 2, `the weight is (${weight.shape.join(', ')})`);
    assert.deepEqual(bias.shape, weight.shape.slice(0, 1), 'the shape of the bias');
  },
};
