import { hybridShapes } from './sets/hybrid-shapes.ts';
import type { ImageSet } from './sets/image-set.ts';
import { noise } from './sets/noise.ts';
import { objects } from './sets/objects.ts';
import { shiftedShapes } from './sets/shifted-shapes.ts';
import { textures } from './sets/textures.ts';
import { unseenShapes } from './sets/unseen-shapes.ts';

/** Every family of images by its name in an experiment: the known objects, then the OOD sets, the hardest last. */
export const imageSets = {
  objects,
  noise,
  textures,
  'hybrid-shapes': hybridShapes,
  'shifted-shapes': shiftedShapes,
  'unseen-shapes': unseenShapes,
} as const satisfies Record<string, ImageSet>;

export type ImageSetName = keyof typeof imageSets;
