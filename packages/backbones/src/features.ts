import { defineBackbone, filePath, z } from '@farout/core';
import { constant } from '@farout/tensor';
import { headOf, wholeArray } from './head-file.ts';

/**
 * A last layer alone, f(x) = W h(x) + b: datasets bring the features h(x) that a network made elsewhere, and maps of it where they
 * have them. Detectors that look at the image itself cannot work with it, and fail by name.
 *
 * weight W (K, D), bias b (K), float32: arrays of .npy, .npz or safetensors files, in the last two those called `weight` and `bias`.
 *
 * @throws FaroutError OOD_ARRAY_INVALID, also for arrays of other shapes.
 */
export const features = defineBackbone({
  name: 'features',
  over: 'features',
  about: {
    summary: 'A last layer alone, for features that were made elsewhere: datasets of the kind "features" bring them.',
  },
  params: z.object({
    weight: filePath().describe('W, (K, D): .npy; or .npz or safetensors with an array "weight"'),
    bias: filePath().optional().describe('b, (K), likewise "bias"; zeros when absent'),
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
