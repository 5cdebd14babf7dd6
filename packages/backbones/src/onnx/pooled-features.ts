import type { Dimension, Tensor } from '@farout/tensor';
import type { Classifier } from './classifier.ts';

/** The features as a matrix, (batch, D): what the head reads, the mean over all places taken first where the network takes it afterwards. */
export function pooledFeatures(
  tensors: ReadonlyMap<string, Tensor>,
  { features, featuresName, axis, weight }: Classifier,
  batch: Dimension,
): Tensor {
  const tensor = tensors.get(featuresName)!;
  const width = weight.shape[1]!;
  // Behind an operator that is known by its name alone, the shape is what the layer needs.
  if (!tensor.hasShape) return tensor.reshape([batch, width]);
  const along = axis < 0 ? axis + tensor.shape.length : axis;
  // Where the network was read, the images alone had no number.
  const isPlace = (each: number) =>
    each !== along && typeof features.shape[each] === 'number' && tensor.shape[each] !== 1;
  const places = tensor.shape.flatMap((_, each) => (isPlace(each) ? [each] : []));
  const row = places.length > 0 ? tensor.mean(places) : tensor;
  return row.shape.length === 2 ? row : row.reshape([batch, width]);
}
