import {
  FaroutError,
  type Backbone,
  type DatasetImage,
  type ImageAccess,
  type ImageRecipe,
  type Rows,
} from '@farout/core';
import { writeOnnxParts } from '@farout/onnx';
import { constant, input, type Dimension, type NDArray, type Tensor } from '@farout/tensor';
import { pixelsInput, rowsOutput } from './batch.ts';

/**
 * A network's images as the workers' graphs have them: pixels, uint8 (N, crop, crop, 3), normalised as torchvision does,
 * (pixel / 255 − mean) / std, float32 (N, 3, crop, crop). A `batch` of 1 is for networks that take images one by one.
 */
export function imageAccess(backbone: Backbone, { mean, std, crop }: ImageRecipe, batch: Dimension = 'N'): ImageAccess {
  const perChannel = (values: readonly number[]) => constant({ data: Float32Array.from(values), shape: [3, 1, 1] });
  const pixels = input(pixelsInput, [batch, crop, crop, 3], 'uint8');
  const scaled = pixels.cast('float32').transpose(0, 3, 1, 2).div(255);
  const deviation = perChannel(std);
  return {
    image: scaled.sub(perChannel(mean)).div(deviation),
    std: deviation,
    featuresOf: (image) => backbone.features(image),
  };
}

/** An ONNX model as it lies in a file, in parts that follow one another: weights are not copied. */
export type GraphParts = readonly Uint8Array[];

/** A graph for the workers: what it makes of each image, float32 (N, width), is its only output. */
export const imageGraph = (rows: Tensor): GraphParts => writeOnnxParts({ [rowsOutput]: rows });

/** The graph of a network's features. */
export const featureGraph = ({ image, featuresOf }: ImageAccess): GraphParts => imageGraph(featuresOf(image));

/** The input of every graph over stored features. */
const featuresName = 'features';

/** Stored features as a symbolic tensor, float32 (N, D). */
export const featuresInput = (width: number): Tensor => input(featuresName, ['N', width]);

/** A block of stored features, to be fed to it. */
export const feedFeatures = (rows: Rows): Record<string, NDArray> => ({ [featuresName]: rows });

/** An output of such a graph as rows. */
export const asRows = ({ data, shape }: NDArray): Rows => ({
  data: data as Float32Array,
  shape: shape as Rows['shape'],
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
