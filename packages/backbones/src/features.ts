import { defineBackbone, filePath, z } from '@farout/core';
import { constant } from '@farout/tensor';
import { headOf, wholeArray } from './head-file.ts';

/**
 * Only a last layer, f(x) = W h(x) + b: datasets provide the features h(x) that a network computed elsewhere, and its maps if they have
 * them. Detectors that need the image itself fail with an error that names them.
 *
 * weight W (K, D), bias b (K), float32: arrays in .npy, .npz or safetensors files; in the last two, those named `weight` and `bias`.
 *
 * @throws FaroutError OOD_ARRAY_INVALID, also for arrays of the wrong shape.
 */
export const features = defineBackbone({
  name: 'features',
  over: 'features',
  about: {
    summary: 'Only a last layer, for features computed elsewhere, which datasets of the kind "features" provide.',
  },
  params: z.object({
    weight: filePath().describe('W, (K, D): .npy; or .npz or safetensors with an array "weight"'),
    bias: filePath().optional().describe('b, (K): the same, with an array "bias"; default: zeros'),
  }),
  open: async ({ weight, bias }) => {
    const w = { file: weight, array: await wholeArray(weight, 'weight') };
    const b = bias === undefined ? undefined : { file: bias, array: await wholeArray(bias, 'bias') };
    const head = headOf(w, b);
    return {
      features: (h) => h,
      head: { weight: constant(head.weight, 'weight'), bias: constant(head.bias, 'bias') },
    };
  },
});
