import { assertGradient } from '../assertions.ts';
import { generatedSample } from '../generated.ts';
import type { HookSubject } from '../hook-subject.ts';
import { networkTensors, unequalImagesOf } from '../network.ts';
import { learn } from '../parameters.ts';
import { weightedSum } from '../weighted-sum.ts';
import type { Check } from './check.ts';

/** Few operations lie between an image and its logits: rounding and curvature stay far below this. */
const tolerance = 0.01;

/** ODIN's gradient goes through the hooks. The images are not those of the fit, where a learnt corner may lie. */
export const hookGradient: Check<HookSubject> = {
  title: 'has the gradient that its logits show along random directions of the image, or refuses it',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const sample = generatedSample(2);
    const network = networkTensors(sample);
    const { logits } = subject.trace(network, learnt);
    await assertGradient(weightedSum(logits), network.images.image, unequalImagesOf(sample), tolerance);
  },
};
