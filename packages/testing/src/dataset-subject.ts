import type { DatasetDefinition, DatasetImage, ImageSource } from '@farout/core';
import type { Configured } from './parameters.ts';

/** A dataset under test, with the parameters it is tested with. */
export interface DatasetSubject extends Configured {
  readonly definition: DatasetDefinition;
}

/** Its images, listed anew. */
export const imagesOf = async ({ definition, params }: DatasetSubject): Promise<readonly DatasetImage[]> =>
  (await definition.open(params)).images;

/** Those that are read in the main process. */
export const sourcesOf = (images: readonly DatasetImage[]): ImageSource[] =>
  images.filter((image): image is ImageSource => 'read' in image);
