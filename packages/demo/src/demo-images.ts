import { defineDataset, z } from '@farout/core';
import { encodePng } from '@farout/images';
import { side } from './frame.ts';
import { captionOf, imageSets, rendererVersion, renderImage, type ImageSetName } from './image-sets.ts';

const setNames = Object.keys(imageSets) as [ImageSetName, ...ImageSetName[]];

/**
 * Images of 64 × 64 pixels that are rendered when they are read, the same on every machine for the same seed. `objects` has labels, the
 * classes of `demo-resnet`; the other sets are out of distribution.
 */
export const demoImages = defineDataset({
  name: 'demo-images',
  about: {
    summary: "The demonstration's images, rendered from a seed.",
  },
  params: z.object({
    set: z.enum(setNames).describe('the family of images'),
    count: z.int().min(1).max(1_000_000).describe('the number of images'),
    seed: z
      .int()
      .min(0)
      .describe('another seed gives other images of the same kinds; the network was trained on seed 1'),
  }),
  open: ({ set, count, seed }) =>
    Promise.resolve({
      ...(imageSets[set].labelled && { classes: [...imageSets[set].kinds.keys()] }),
      images: Array.from({ length: count }, (_, index) => {
        const { kind, ...label } = captionOf(set, index);
        return {
          id: `${String(index).padStart(4, '0')}-${kind}`,
          ...label,
          version: `demo-images ${rendererVersion} ${set} ${seed} ${index}`,
          read: () => Promise.resolve(encodePng({ width: side, height: side, data: renderImage(set, seed, index) })),
        };
      }),
    }),
});
