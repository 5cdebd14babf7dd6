import { convNorm, defineBackbone, filePath, imageParameters, stagedNetwork, z } from '@farout/core';
import { lastLayer, stateKey } from './last-layer.ts';
import { resnet18Stages, resnet18Width } from './residual.ts';

/** The image parameters with the defaults of CIFAR networks. */
const { mean, std, resize, crop, sides, ...others } = imageParameters;
const cifarImages = {
  mean: mean.unwrap().default([0.4914, 0.4822, 0.4465]).describe(mean.description!),
  std: std
    .unwrap()
    .default([0.2023, 0.1994, 0.201])
    .describe(`${std.description!}; OpenOOD uses 0.2470, 0.2435, 0.2616`),
  resize: resize.unwrap().default(32).describe(resize.description!),
  crop: crop.unwrap().default(32).describe(crop.description!),
  sides: sides.unwrap().default('both').describe(sides.description!),
  ...others,
};

/**
 * The CIFAR variant of ResNet-18: it starts with a 3 × 3 convolution with stride 1 and no pooling. It reads checkpoints of ReAct's authors
 * (`downsample`, `fc`), of OpenOOD's `ResNet18_32x32` (`shortcut`, `fc`) and of others that follow one of them (`linear`).
 *
 * He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
 *
 * image, normalised float32 (N, 3, H, W) → features after global average pooling, (N, 512), ≥ 0 → logits (N, K), K as in the checkpoint.
 * Taps: `stem` and `layer1` … `layer4`, each after its last block. Convolutions have the checkpoint's names.
 * @throws FaroutError OOD_CHECKPOINT_MISMATCH when the checkpoint belongs to another network.
 */
export const resnet18Cifar = defineBackbone({
  name: 'resnet18-cifar',
  about: {
    summary: 'The CIFAR variant of ResNet-18, for images of 32 × 32: 512 features.',
    source: 'He et al., "Deep Residual Learning for Image Recognition", CVPR 2016',
  },
  params: z.object({
    weights: filePath().describe(
      "weights of ReAct's resnet18_cifar or OpenOOD's ResNet18_32x32: .pth, .pt, .ckpt, .bin or .safetensors",
    ),
    state: stateKey(),
    ...cifarImages,
  }),
  open: async ({ weights, state: key }, { stateDict }) => {
    const state = await stateDict(weights, { state: key });
    const stem = convNorm(state, 'conv1', 'bn1', { shape: [64, 3, 3, 3], padding: 1 });
    const projection = state.has('layer2.0.shortcut.0.weight') ? 'shortcut' : 'downsample';
    return {
      ...stagedNetwork(new Map([['stem', (x, seen) => stem(x, seen).relu()], ...resnet18Stages(state, projection)])),
      head: lastLayer(state, state.has('linear.weight') ? 'linear' : 'fc', resnet18Width),
    };
  },
});
