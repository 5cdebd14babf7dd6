import type { Backbone, ImageAccess, ImageRecipe } from '@farout/core';
import { constant, input, writeOnnxParts, type Dimension, type Tensor } from '@farout/tensor';
import { pixelsInput, featuresOutput } from './messages.ts';

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
export const imageGraph = (rows: Tensor): GraphParts => writeOnnxParts({ [featuresOutput]: rows });

/** The graph of a network's features. */
export const featureGraph = ({ image, featuresOf }: ImageAccess): GraphParts => imageGraph(featuresOf(image));
