import { photograph } from '../frame.ts';
import { scene } from '../scene.ts';
import { unseenShapes as shapes } from '../shapes.ts';
import type { ImageSet } from './image-set.ts';

/** Photographed exactly as the known objects are, but of eight shapes that the network never saw. */
export const unseenShapes: ImageSet = {
  labelled: false,
  kinds: new Map([...shapes].map(([name, shape]) => [name, (random) => photograph(scene(shape, random), random)])),
};
