import { assertClose } from '../../assert-close.ts';
import { featuresOf, type BackboneSubject } from '../../backbone-subject.ts';
import { generatedImages, imageAt } from '../../generated-images.ts';
import type { Check } from '../check.ts';
import { networkRounding } from './network-rounding.ts';

/** An image's features do not depend on the images beside it: batches are cut where it suits the machine. */
export const batchAsImages: Check<BackboneSubject> = {
  title: 'makes of a batch what it makes of its images one by one',
  run: async (subject) => {
    const images = generatedImages(3, subject.params.crop);
    const { data, shape } = await featuresOf(subject, images);
    const width = shape[1]!;
    for (let n = 0; n < 3; n++) {
      const alone = await featuresOf(subject, imageAt(images, n));
      const together = data.slice(n * width, (n + 1) * width);
      assertClose(together, alone.data, `image ${n} in its batch and alone`, networkRounding);
    }
  },
};
