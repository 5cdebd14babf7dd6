import { fileURLToPath } from 'node:url';
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
import { side } from './frame.ts';
import { knownShapes } from './shapes.ts';

/** The absolute path of the checkpoint in this package; it is found both from `src` and from `dist`. */
export const demoWeights = fileURLToPath(new URL('../weights/demo-resnet.pth', import.meta.url));

const stemWidth = 16;

/** One block per stage; the later stages halve the image. */
const stages = [
  { width: 16, stride: 1 },
  { width: 32, stride: 2 },
  { width: 64, stride: 2 },
  { width: 96, stride: 2 },
];
const featureWidth = 96;

/**
 * A residual network of nine convolutions, each with BatchNorm, as defined in tools/demo/network.py and trained by train.py.
 *
 * image, normalised float32 (N, 3, 64, 64) → features after ReLU and global average pooling, (N, 96), ≥ 0 → logits (N, 12).
 * Taps: `stem`, `layer1` … `layer4`.
 * @throws FaroutError OOD_CHECKPOINT_MISMATCH when the checkpoint belongs to another network.
 */
export const demoResnet = defineBackbone({
  name: 'demo-resnet',
  about: {
    summary: "The demonstration's small residual network: 96 features, 12 classes.",
  },
  params: z.object({
    weights: filePath()
      .optional()
      .describe('a .pth checkpoint written by tools/demo/train.py; default: the one in the package'),
    ...imageParameters,
    mean: imageParameters.mean.default([0.5, 0.5, 0.5]),
    std: imageParameters.std.default([0.5, 0.5, 0.5]),
    resize: imageParameters.resize.default(side),
    crop: imageParameters.crop.default(side),
  }),
  open: async ({ weights = demoWeights }, { stateDict }) => {
    const state = await stateDict(weights);
    const stem = convNorm(state, 'conv1', 'bn1', { shape: [stemWidth, 3, 3, 3], stride: 2, padding: 1 });
    const blocks = stages.map(({ width, stride }, stage): [string, Layer] => {
      const name = `layer${stage + 1}`;
      return [name, residualBlock(state, name, stages[stage - 1]?.width ?? stemWidth, width, stride)];
    });
    return {
      ...stagedNetwork(new Map([['stem', (x, seen) => stem(x, seen).relu()], ...blocks])),
      head: {
        weight: state.take('fc.weight', [knownShapes.size, featureWidth]),
        bias: state.take('fc.bias', [knownShapes.size]),
      },
    };
  },
});

/** Two 3 × 3 convolutions, added to the input, which is projected if its shape differs. */
function residualBlock(state: StateDict, name: string, inputs: number, outputs: number, stride: number): Layer {
  const first = convNorm(state, `${name}.conv1`, `${name}.bn1`, { shape: [outputs, inputs, 3, 3], stride, padding: 1 });
  const second = convNorm(state, `${name}.conv2`, `${name}.bn2`, { shape: [outputs, outputs, 3, 3], padding: 1 });
  const projected = () =>
    convNorm(state, `${name}.downsample.0`, `${name}.downsample.1`, { shape: [outputs, inputs, 1, 1], stride });
  const shortcut: Layer = stride === 1 && inputs === outputs ? (x) => x : projected();
  return (x, seen) => second(first(x, seen).relu(), seen).add(shortcut(x, seen)).relu();
}
