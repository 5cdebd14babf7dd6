import { evaluate } from '@farout/runtime';
import { assertClose } from '../../assert-close.ts';
import { featuresOf, imageInput, openNetwork, type BackboneSubject } from '../../backbone-subject.ts';
import { generatedImages } from '../../generated-images.ts';
import type { Check } from '../check.ts';
import { networkRounding } from './network-rounding.ts';

/** ODIN applies the network to an image, and again to the image after its step. */
export const appliedAgain: Check<BackboneSubject> = {
  title: 'makes of other images what it makes of them alone when it is applied to both',
  run: async (subject) => {
    const image = generatedImages(2, subject.params.crop);
    const { features } = await openNetwork(subject);
    const symbol = imageInput(subject);
    const [first, second] = [features(symbol), features(symbol.mul(0.5))];
    const both = await evaluate({ first, second }, { image });
    const halved = { ...image, data: image.data.map((value) => value * 0.5) };
    const alone = [await featuresOf(subject, image), await featuresOf(subject, halved)];
    assertClose(both.first!.data, alone[0]!.data, 'features of the first images', networkRounding);
    assertClose(both.second!.data, alone[1]!.data, 'features of the second images', networkRounding);
  },
};
