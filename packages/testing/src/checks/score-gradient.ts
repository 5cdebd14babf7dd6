import { assertGradient } from '../assertions.ts';
import { generatedSample } from '../generated.ts';
import { networkTensors, unequalImagesOf } from '../network.ts';
import { learn } from '../parameters.ts';
import type { ScorerSubject } from '../scorer-subject.ts';
import type { Check } from './check.ts';

/** Few operations lie between an image and its score: rounding and curvature stay far below this. */
const tolerance = 0.01;

/** Saliency maps and attacks differentiate scores. The images are not those of the fit, where a learnt corner may lie. */
export const scoreGradient: Check<ScorerSubject> = {
  title: 'has the gradient that its scores show along random directions of the image, or refuses it',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const sample = generatedSample(2);
    const network = networkTensors(sample);
    const score = subject.trace?.(network, learnt);
    if (score) await assertGradient(score, network.images.image, unequalImagesOf(sample), tolerance);
  },
};
