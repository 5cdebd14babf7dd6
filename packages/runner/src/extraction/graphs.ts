import { FaroutError, type DatasetImage, type Rows } from '@farout/core';
import type { NDArray, Tensor } from '@farout/tensor';
import { input } from '@farout/tensor';

/** The input of every graph over stored features. */
const name = 'features';

/** Stored features as a symbolic tensor, float32 (N, D). */
export const featuresInput = (width: number): Tensor => input(name, ['N', width]);

/** A block of stored features, to be fed to it. */
export const feedFeatures = (rows: Rows): Record<string, NDArray> => ({ [name]: rows });

/** An output of such a graph as rows. */
export const asRows = ({ data, shape }: NDArray): Rows => ({
  data: data as Float32Array,
  shape: shape as unknown as Rows['shape'],
});

/** The row of the first NaN in a block, and where in the row it is; undefined where there is none. */
export function firstNaN({
  data,
  shape: [, width],
}: Rows): { readonly row: number; readonly column: number } | undefined {
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(data[i])) return { row: Math.floor(i / width), column: i % width };
  }
  return undefined;
}

/**
 * Checks a block of stored features: no hook or scorer sees one that is no number, which some operators would pass over.
 *
 * @throws FaroutError OOD_FEATURES_INVALID naming the image; `set` says of which set it is.
 */
export function checkFeatures(features: Rows, images: readonly DatasetImage[], set: string): void {
  const found = firstNaN(features);
  if (!found) return;
  const { id } = images[found.row]!;
  const which = `feature ${found.column} of 0..${features.shape[1] - 1}`;
  throw new FaroutError('OOD_FEATURES_INVALID', `the network gives NaN for the image "${id}" of ${set}: ${which}`, {
    fix: 'Look at the image, and at mean and std: numbers in the network that grow beyond float32 end so. Take the image out of its set to go on without it.',
  });
}
