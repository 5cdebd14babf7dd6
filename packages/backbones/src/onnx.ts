import { defineBackbone, filePath, imageParameters, FaroutError, z } from '@farout/core';
import type { OnnxModel } from '@farout/tensor';
import { imageInput } from './onnx/image-input.ts';
import { lastLinearLayers, type LastLinearLayer } from './onnx/last-linear-layers.ts';
import { refuseLabels } from './onnx/labels.ts';
import { pooledFeatures } from './onnx/pooled-features.ts';

/**
 * Any image classifier in an ONNX file. The features are the input of its last linear layer, whose weight and bias are the
 * head; a softmax behind it is left out.
 *
 * image, normalised float32 (N, 3, H, W) → features (N, D) → logits (N, K); D and K are the file's.
 * @throws FaroutError OOD_ONNX_REFUSED when the file is no image classifier, or its last linear layer is not found.
 */
export const onnx = defineBackbone({
  name: 'onnx',
  about: {
    summary: 'Any image classifier in an ONNX file; its features are the input of its last linear layer.',
  },
  params: z.object({
    weights: filePath().describe('an ONNX file; numbers in files beside it are found'),
    features: z.string().min(1).optional().describe('name of the tensor that the features are; found when absent'),
    layout: z
      .enum(['nchw', 'nhwc'])
      .optional()
      .describe('order of the axes of its input; seen from the file when absent'),
    ...imageParameters,
  }),
  open: async ({ weights, features: wanted, layout, crop }, files) => {
    const model = await files.onnx(weights);
    const input = imageInput(model, layout, crop);
    refuseLabels(model);
    const layer = chooseLayer(model, wanted);
    return {
      features: (image) => pooledFeatures(model.trace({ [input.name]: input.feed(image) }), layer, image.shape[0]!),
      head: layer.head,
    };
  },
});

/** The layer that reads the wanted tensor, or the only one that an output ends in. */
function chooseLayer(model: OnnxModel, wanted: string | undefined): LastLinearLayer {
  const { layers, obstacles } = lastLinearLayers(model);
  const choices = { title: 'Inputs of last layers', names: layers.map(({ features }) => features) };
  const chosen = wanted === undefined ? layers : layers.filter(({ features }) => features === wanted);
  if (chosen.length === 1) return chosen[0]!;
  if (layers.length === 0) {
    throw new FaroutError('OOD_ONNX_REFUSED', `no output of it ends in a linear layer: ${obstacles.join('; ')}`, {
      fix: 'Export the classifier up to its last linear layer, without what stands behind it, and with constant weights.',
    });
  }
  if (wanted === undefined) {
    throw new FaroutError('OOD_ONNX_REFUSED', `${layers.length} of its outputs end in linear layers of their own`, {
      fix: 'Say by "features" which layer\'s input the features are.',
      choices,
    });
  }
  throw new FaroutError('OOD_ONNX_REFUSED', `"${wanted}" is not the input of a last linear layer`, {
    fix: 'Leave out "features", or name the input of a layer that an output ends in.',
    choices,
  });
}
