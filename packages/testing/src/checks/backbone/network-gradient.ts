import { assertGradient } from '../../assertions.ts';
import { type BackboneSubject, imageInput, openNetwork } from '../../backbone-subject.ts';
import { generatedImages } from '../../generated-images.ts';
import { weightedSum } from '../../weighted-sum.ts';
import type { Check } from '../check.ts';

/** Thousands of corners lie within a step, and float32 rounds in every layer; what a missing term makes is far larger. */
const tolerance = 0.05;

/** ODIN moves images along the gradient of their logits; a wrong one gives scores that look like scores. */
export const networkGradient: Check<BackboneSubject> = {
  title: 'has the gradient that its logits show along random directions of the image, or refuses it',
  run: async (subject) => {
    const { features, head } = await openNetwork(subject);
    const image = imageInput(subject);
    const logits = features(image).linear(head.weight, head.bias);
    await assertGradient(weightedSum(logits), image, generatedImages(2, subject.params.crop), tolerance);
  },
};
