import { photograph } from '../frame.ts';
import { scene } from '../scene.ts';
import { knownShapes } from '../shapes.ts';
import type { ImageSet } from './image-set.ts';

/** In distribution: the twelve shapes that the network knows, photographed. */
export const objects: ImageSet = {
  labelled: true,
  kinds: new Map([...knownShapes].map(([name, shape]) => [name, (random) => photograph(scene(shape, random), random)])),
};
