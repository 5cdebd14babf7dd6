import { paint, photograph } from '../frame.ts';
import { checks, clouds, colourUnlike, dots, grain, mix, randomColour, stripes } from '../surface.ts';
import type { ImageSet } from './image-set.ts';

/** Photographed surfaces in two colours, without any object. */
export const textures: ImageSet = {
  labelled: false,
  kinds: new Map(
    Object.entries({ stripes, checks, dots, grain, clouds }).map(([name, pattern]) => [
      name,
      (random) => {
        const dark = randomColour(random);
        const bright = colourUnlike(dark, 0.4, random);
        const grey = pattern(random);
        return photograph(
          paint((x, y) => mix(dark, bright, grey(x, y))),
          random,
        );
      },
    ]),
  ),
};
