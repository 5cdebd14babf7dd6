import { defineBackbone, filePath, imageParameters, stagedNetwork, z } from '@farout/core';
import { lastLayer, stateKey } from './last-layer.ts';
import { photographStem, resnet18Stages, resnet18Width } from './residual.ts';

/**
 * ResNet-18 as torchvision builds it, from torchvision's state_dict; OpenOOD's `ResNet18_224x224` is the same.
 *
 * He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
 *
 * image, normalised float32 (N, 3, H, W) → features after global average pooling, (N, 512), ≥ 0 → logits (N, K), K as in the checkpoint.
 * Taps: `stem` (after the first pooling) and `layer1` … `layer4`, each after its last block. Convolutions have torchvision's names.
 * @throws FaroutError OOD_CHECKPOINT_MISMATCH when the checkpoint belongs to another network.
 */
export const resnet18 = defineBackbone({
  name: 'resnet18',
  about: {
    summary: 'ResNet-18 from torchvision: 512 features.',
    source: 'He et al., "Deep Residual Learning for Image Recognition", CVPR 2016',
  },
  params: z.object({
    weights: filePath().describe(
      'weights of torchvision.models.resnet18 or of OpenOOD’s ResNet18_224x224: .pth, .pt, .ckpt, .bin or .safetensors',
    ),
    state: stateKey(),
    ...imageParameters,
  }),
  published: { parameter: 'weights', manifest: 'resnet18' },
  open: async ({ weights, state: key }, { stateDict }) => {
    const state = await stateDict(weights, { state: key });
    return {
      ...stagedNetwork(new Map([['stem', photographStem(state)], ...resnet18Stages(state, 'downsample')])),
      head: lastLayer(state, 'fc', resnet18Width),
    };
  },
});
