import { defineBackbone, filePath, imageParameters, z } from '@farout/core';
import { stateKey } from './last-layer.ts';
import { resnet50 } from './resnet50.ts';

const { resize, ...others } = imageParameters;

/**
 * ResNet-50 with the preprocessing of torchvision's newer weights, IMAGENET1K_V2: the same network, with images resized to 232 pixels
 * instead of 256.
 */
export const resnet50V2 = defineBackbone({
  name: 'resnet50-v2',
  about: {
    summary: 'ResNet-50 from torchvision, with the preprocessing of its newer weights.',
    source: 'He et al., "Deep Residual Learning for Image Recognition", CVPR 2016',
  },
  params: z.object({
    weights: filePath().describe(
      'weights of torchvision.models.resnet50: a PyTorch checkpoint (.pth, .pt, .bin) or .safetensors',
    ),
    state: stateKey(),
    resize: resize.unwrap().default(232).describe(resize.description!),
    ...others,
  }),
  published: { parameter: 'weights', manifest: 'resnet50-v2' },
  open: resnet50.open,
});
