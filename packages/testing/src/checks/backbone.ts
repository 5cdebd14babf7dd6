import assert from 'node:assert/strict';
import { featuresOf, type BackboneSubject } from '../backbone-subject.ts';
import { paintImages } from '../generated-images.ts';
import type { Check } from './check.ts';

/** Far beyond white, which is 2 or 3 after normalising: float32 overflows at exp(89). */
const large = 100;

/** One NaN among an image's features makes its score NaN, and the run refuses the detector. */
export const finiteOnExtremeImages: Check<BackboneSubject> = {
  title: 'stays finite on black, on white and on images of ±100',
  run: async (subject) => {
    const { crop, mean, std } = subject.params;
    const grey = (level: number) => (channel: number) => (level - mean[channel]!) / std[channel]!;
    const paints = [grey(0), grey(1), () => large, () => -large, (_: number, place: number) => large * (-1) ** place];
    const images = paintImages(paints.length, crop, (image, channel, place) => paints[image]!(channel, place));
    const { data } = await featuresOf(subject, images);
    Array.from(data, Number).forEach((value, i) => assert.ok(Number.isFinite(value), `feature ${i} is ${value}`));
  },
};
