import { convNorm, type Layer, type StateDict } from '@farout/core';

/** The stem of residual networks for photographs: a normalised 7 × 7 convolution and a pooling, each with stride 2. */
export function photographStem(state: StateDict): Layer {
  const layer = convNorm(state, 'conv1', 'bn1', { shape: [64, 3, 7, 7], stride: 2, padding: 3 });
  return (x, seen) => layer(x, seen).relu().maxPool({ kernel: 3, stride: 2, padding: 1 });
}

/** Width and stride of the four stages of ResNet-18, with two blocks each. */
const stages = [
  { width: 64, stride: 1 },
  { width: 128, stride: 2 },
  { width: 256, stride: 2 },
  { width: 512, stride: 2 },
];

/** The number of features of ResNet-18. */
export const resnet18Width = 512;

/**
 * The stages of ResNet-18, `layer1` to `layer4`; `projection` is the checkpoint's name for the shortcut of a block whose input has a
 * different shape.
 */
export function resnet18Stages(state: StateDict, projection: 'downsample' | 'shortcut'): [string, Layer][] {
  let channels = 64;
  return stages.map(({ width, stride }, stage) => {
    const name = `layer${stage + 1}`;
    const first = basicBlock(state, `${name}.0`, { channels, width, stride, projection });
    const second = basicBlock(state, `${name}.1`, { channels: width, width, stride: 1, projection });
    channels = width;
    return [name, (x, seen) => second(first(x, seen), seen)];
  });
}

/** Two 3 × 3 convolutions, added to the input, which is projected if its shape differs. */
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
