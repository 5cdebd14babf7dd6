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
import { photographStem } from './residual.ts';

/** Blocks, width and stride of the four stages of ResNet-50. */
const stages = [
  { blocks: 3, width: 64, stride: 1 },
  { blocks: 4, width: 128, stride: 2 },
  { blocks: 6, width: 256, stride: 2 },
  { blocks: 3, width: 512, stride: 2 },
];

/** A bottleneck block outputs four times its width. */
const expansion = 4;
const featureWidth = 2048;

/**
 * ResNet-50 as torchvision builds it ("v1.5": the stride is in the 3 × 3 convolution), from torchvision's state_dict.
 *
 * He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
 *
 * image, normalised float32 (N, 3, H, W) → features after global average pooling, (N, 2048), ≥ 0 → logits (N, K), K as in the checkpoint.
 * Taps: `stem` (after the first pooling) and `layer1` … `layer4`, each after its last block. Convolutions have torchvision's names.
 * @throws FaroutError OOD_CHECKPOINT_MISMATCH when the checkpoint belongs to another network.
 */
export const resnet50 = defineBackbone({
  name: 'resnet50',
  about: {
    summary: 'ResNet-50 from torchvision: 2,048 features.',
    source: 'He et al., "Deep Residual Learning for Image Recognition", CVPR 2016',
  },
  params: z.object({
    weights: filePath().describe(
      'weights of torchvision.models.resnet50: a PyTorch checkpoint (.pth, .pt, .bin) or .safetensors',
    ),
    state: stateKey(),
    ...imageParameters,
  }),
  published: { parameter: 'weights', manifest: 'resnet50' },
  open: async ({ weights, state: key }, { stateDict }) => {
    const state = await stateDict(weights, { state: key });
    return {
      ...stagedNetwork(new Map([['stem', photographStem(state)], ...residualStages(state)])),
      head: lastLayer(state, 'fc', featureWidth),
    };
  },
});

function residualStages(state: StateDict): [string, Layer][] {
  let channels = 64;
  return stages.map(({ blocks, width, stride }, stage) => {
    const name = `layer${stage + 1}`;
    const layers = Array.from({ length: blocks }, (_, index) => {
      const block = bottleneck(state, `${name}.${index}`, channels, width, index === 0 ? stride : 1);
      channels = width * expansion;
      return block;
    });
    return [name, (x, seen) => layers.reduce((y, block) => block(y, seen), x)];
  });
}

/** 1 × 1 to `width`, 3 × 3, 1 × 1 to 4 · `width`, added to the input, which is projected if its shape differs. */
function bottleneck(state: StateDict, name: string, channels: number, width: number, stride: number): Layer {
  const out = width * expansion;
  const reduce = convNorm(state, `${name}.conv1`, `${name}.bn1`, { shape: [width, channels, 1, 1] });
  const spatial = convNorm(state, `${name}.conv2`, `${name}.bn2`, { shape: [width, width, 3, 3], stride, padding: 1 });
  const expand = convNorm(state, `${name}.conv3`, `${name}.bn3`, { shape: [out, width, 1, 1] });
  const shortcut: Layer =
    stride === 1 && channels === out
      ? (x) => x
      : convNorm(state, `${name}.downsample.0`, `${name}.downsample.1`, { shape: [out, channels, 1, 1], stride });
  return (x, seen) =>
    expand(spatial(reduce(x, seen).relu(), seen).relu(), seen)
      .add(shortcut(x, seen))
      .relu();
}
