import { FaroutError } from '@farout/core';
import type { Dimension, Tensor } from '@farout/tensor';
import type { LastLinearLayer } from './last-linear-layers.ts';

/**
 * The features as a matrix, (batch, D): what the last linear layer reads, the mean over all places taken first where the
 * network takes it afterwards.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when the layer makes logits for every place of an image.
 */
export function pooledFeatures(
  tensors: ReadonlyMap<string, Tensor>,
  { features, axis, pooled, head }: LastLinearLayer,
  batch: Dimension,
): Tensor {
  const tensor = tensors.get(features)!;
  const width = head.weight.shape[1]!;
  // Behind an operator that is known by its name alone, the shape is what the layer needs.
  if (!tensor.hasShape) return tensor.reshape([batch, width]);
  const along = axis < 0 ? axis + tensor.shape.length : axis;
  const places = tensor.shape.flatMap((size, each) => (each === 0 || each === along || size === 1 ? [] : [each]));
  if (places.length > 0 && !pooled) {
    throw new FaroutError(
      'OOD_ONNX_REFUSED',
      `its last linear layer reads "${features}", (${tensor.shape.join(', ')})`,
      {
        fix: 'Name a classifier whose last linear layer reads one row of features for each image.',
      },
    );
  }
  const row = places.length > 0 ? tensor.mean(places) : tensor;
  return row.shape.length === 2 ? row : row.reshape([batch, width]);
}
