import { openArray } from '@farout/checkpoints';
import { defineBackbone, filePath, z } from '@farout/core';
import { constant, type Tensor } from '@farout/tensor';

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
    const w = await whole(weight, 'weight');
    const [classes] = w.shape as [number];
    const zeros = constant({ data: new Float32Array(classes), shape: [classes] }, 'bias');
    return {
      features: (h) => h,
      head: { weight: w, bias: bias === undefined ? zeros : await whole(bias, 'bias') },
    };
  },
});

async function whole(path: string, name: string): Promise<Tensor> {
  const array = await openArray(path, name);
  const { data, shape } = await array.read(0, array.shape[0]!);
  return constant({ data: Float32Array.from(data as ArrayLike<number>), shape }, name);
}
