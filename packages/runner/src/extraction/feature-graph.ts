import type { Backbone, ImageRecipe } from '@oodkit/core';
import { constant, input, writeOnnx } from '@oodkit/tensor';
import { featuresOutput, pixelsInput } from './messages.ts';

/**
 * The graph that workers run: pixels, uint8 (N, crop, crop, 3), normalised as torchvision does, (pixel / 255 − mean) /
 * std, and the backbone's features of them, float32 (N, D).
 */
export function featureGraph(backbone: Backbone, { mean, std, crop }: ImageRecipe): Uint8Array {
  const perChannel = (values: readonly number[]) => constant({ data: Float32Array.from(values), shape: [3, 1, 1] });
  const pixels = input(pixelsInput, ['N', crop, crop, 3], 'uint8');
  const image = pixels.cast('float32').transpose(0, 3, 1, 2).div(255).sub(perChannel(mean)).div(perChannel(std));
  return writeOnnx({ [featuresOutput]: backbone.features(image) });
}
