import { defineBackbone, filePath, imageParameters, z } from '@farout/core';
import { stateKey } from './last-layer.ts';
import { mobilenetV2 } from './mobilenet-v2.ts';

const { resize, ...others } = imageParameters;

/**
 * MobileNet-v2 with the preprocessing of torchvision's newer weights, IMAGENET1K_V2: the same network, with images resized to 232 pixels
 * instead of 256.
 */
export const mobilenetV2V2 = defineBackbone({
  name: 'mobilenet-v2-v2',
  about: {
    summary: 'MobileNet-v2 from torchvision, with the preprocessing of its newer weights.',
    source: 'Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018',
  },
  params: z.object({
    weights: filePath().describe(
      'weights of torchvision.models.mobilenet_v2: a PyTorch checkpoint (.pth, .pt, .bin) or .safetensors',
    ),
    state: stateKey(),
    resize: resize.unwrap().default(232).describe(resize.description!),
    ...others,
  }),
  published: { parameter: 'weights', manifest: 'mobilenet-v2-v2' },
  open: mobilenetV2.open,
});
