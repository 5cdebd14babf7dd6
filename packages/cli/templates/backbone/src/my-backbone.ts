import { fileURLToPath } from 'node:url';
import { convNorm, defineBackbone, filePath, imageParameters, stagedNetwork, z } from '@farout/core';
import type { Seen, StateDict } from '@farout/core';
import type { Tensor } from '@farout/tensor';

/** The weights that come with this package: those of farout's demonstration, whose network this is. */
const ownWeights = fileURLToPath(new URL('../weights/my-backbone.pth', import.meta.url));

/**
 * A residual network of nine convolutions, each with BatchNorm.
 *
 * image, normalised float32 (N, 3, 64, 64) → features after ReLU and global average pooling, (N, 96), ≥ 0 → logits (N, 12).
 * @throws FaroutError OOD_CHECKPOINT_MISMATCH when the checkpoint is of another network.
 */
export const backbone = defineBackbone({
  name: 'my-backbone',
  about: {
    summary: 'A small residual network: 96 features, 12 classes.',
  },
  params: z.object({
    weights: filePath().optional().describe('its state_dict, a .pth file; the one that comes with it when absent'),
    ...imageParameters,
    mean: imageParameters.mean.default([0.5, 0.5, 0.5]),
    std: imageParameters.std.default([0.5, 0.5, 0.5]),
    resize: imageParameters.resize.default(64),
    crop: imageParameters.crop.default(64),
  }),
  open: async ({ weights = ownWeights }, { stateDict }) => {
    const state = await stateDict(weights);
    const stem = convNorm(state, 'conv1', 'bn1', { shape: [16, 3, 3, 3], stride: 2, padding: 1 });
    // Each stage is a tap by its name: detectors may look at the maps between them.
    const network = stagedNetwork(
      new Map([
        ['stem', (x, seen) => stem(x, seen).relu()],
        ['layer1', residualBlock(state, 'layer1', 16, 16, 1)],
        ['layer2', residualBlock(state, 'layer2', 16, 32, 2)],
        ['layer3', residualBlock(state, 'layer3', 32, 64, 2)],
        ['layer4', residualBlock(state, 'layer4', 64, 96, 2)],
      ]),
    );
    return {
      ...network,
      head: { weight: state.take('fc.weight', [12, 96]), bias: state.take('fc.bias', [12]) },
    };
  },
});

/** Two 3 × 3 convolutions, added to the input, which is projected where its shape differs. */
function residualBlock(state: StateDict, name: string, inputs: number, outputs: number, stride: number) {
  const first = convNorm(state, `${name}.conv1`, `${name}.bn1`, { shape: [outputs, inputs, 3, 3], stride, padding: 1 });
  const second = convNorm(state, `${name}.conv2`, `${name}.bn2`, { shape: [outputs, outputs, 3, 3], padding: 1 });
  const shortcut =
    stride === 1 && inputs === outputs
      ? (x: Tensor) => x
      : convNorm(state, `${name}.downsample.0`, `${name}.downsample.1`, { shape: [outputs, inputs, 1, 1], stride });
  return (x: Tensor, seen?: Seen) => second(first(x, seen).relu(), seen).add(shortcut(x, seen)).relu();
}
