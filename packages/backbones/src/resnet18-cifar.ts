import {
  convNorm,
  defineBackbone,
  filePath,
  imageParameters,
  stagedNetwork,
  z,
  type Layer,
  type StateDict,
} from '@farout/core';
import { lastLayer, stateKey } from './last-layer.ts';

/** Width and stride of the four stages, each of two blocks. */
const stages = [
  { width: 64, stride: 1 },
  { width: 128, stride: 2 },
  { width: 256, stride: 2 },
  { width: 512, stride: 2 },
];

const featureWidth = 512;

/** A parameter of an image with the value that CIFAR's networks have. */
const { mean, std, resize, crop, sides, ...others } = imageParameters;
const cifarImages = {
  mean: mean.unwrap().default([0.4914, 0.4822, 0.4465]).describe(mean.description!),
  std: std
    .unwrap()
    .default([0.2023, 0.1994, 0.201])
    .describe(`${std.description!}; OpenOOD has 0.2470, 0.2435, 0.2616`),
  resize: resize.unwrap().default(32).describe(resize.description!),
  crop: crop.unwrap().default(32).describe(crop.description!),
  sides: sides.unwrap().default('both').describe(sides.description!),
  ...others,
};

/**
 * ResNet-18 in its form for CIFAR: a 3 × 3 convolution of stride 1 at the beginning, and no pooling behind it. Read are checkpoints of ReAct's
 * authors (`downsample`, `fc`), of OpenOOD's `ResNet18_32x32` (`shortcut`, `fc`) and of others that follow one of them (`linear`).
 *
 * He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
 *
 * image, normalised float32 (N, 3, H, W) → features after global average pooling, (N, 512), ≥ 0 → logits (N, K), K as in the checkpoint.
 * Taps: `stem` and `layer1` … `layer4`, each behind its last block. Convolutions by the checkpoint's names.
 * @throws FaroutError OOD_CHECKPOINT_MISMATCH when the checkpoint is of another network.
 */
export const resnet18Cifar = defineBackbone({
  name: 'resnet18-cifar',
  about: {
    summary: 'ResNet-18 in its form for CIFAR, images of 32 × 32: 512 features.',
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
    return {
      ...stagedNetwork(new Map([['stem', (x, seen) => stem(x, seen).relu()], ...residualStages(state)])),
      head: lastLayer(state, state.has('linear.weight') ? 'linear' : 'fc', featureWidth),
    };
  },
});

function residualStages(state: StateDict): [string, Layer][] {
  const projection = state.has('layer2.0.shortcut.0.weight') ? 'shortcut' : 'downsample';
  let channels = 64;
  return stages.map(({ width, stride }, stage) => {
    const name = `layer${stage + 1}`;
    const first = basicBlock(state, `${name}.0`, { channels, width, stride, projection });
    const second = basicBlock(state, `${name}.1`, { channels: width, width, stride: 1, projection });
    channels = width;
    return [name, (x, seen) => second(first(x, seen), seen)];
  });
}

/** Two convolutions of 3 × 3, added to the input, which is projected where its shape differs. */
function basicBlock(
  state: StateDict,
  name: string,
  { channels, width, stride, projection }: { channels: number; width: number; stride: number; projection: string },
): Layer {
  const first = convNorm(state, `${name}.conv1`, `${name}.bn1`, { shape: [width, channels, 3, 3], stride, padding: 1 });
  const second = convNorm(state, `${name}.conv2`, `${name}.bn2`, { shape: [width, width, 3, 3], padding: 1 });
  const [conv, norm] = [`${name}.${projection}.0`, `${name}.${projection}.1`];
  const shortcut: Layer =
    stride === 1 && channels === width
      ? (x) => x
      : convNorm(state, conv, norm, { shape: [width, channels, 1, 1], stride });
  return (x, seen) => second(first(x, seen).relu(), seen).add(shortcut(x, seen)).relu();
}
