import { quantise } from './frame.ts';
import { Random } from './numbers.ts';
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

/** Changes whenever any pixel of any image does; a test holds it to the pixels' hashes. */
export const rendererVersion = 1;

/** What image `index` of a set shows; known without painting it. */
export interface ImageCaption {
  readonly kind: string;
  /** Class of the network, where the set is labelled. */
  readonly label?: number;
}

/** What image `index` of a set shows. */
export function captionOf(set: ImageSetName, index: number): ImageCaption {
  const { kinds, labelled } = imageSets[set];
  const position = index % kinds.size;
  const kind = [...kinds.keys()][position]!;
  return labelled ? { kind, label: position } : { kind };
}

/**
 * Paints image `index` of a set: uint8 RGB, (64, 64, 3). The same set, seed and index give the same bytes on every
 * machine; another seed gives other images of the same kinds.
 */
export function renderImage(set: ImageSetName, seed: number, index: number): Uint8Array {
  const { kind } = captionOf(set, index);
  const painter = imageSets[set].kinds.get(kind)!;
  return quantise(painter(new Random(`${set} ${seed} ${index}`)));
}
