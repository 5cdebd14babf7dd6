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

/** The paper's table 2: expansion t, channels c, repetitions n, stride of the first s. */
const settings = [
  { t: 1, c: 16, n: 1, s: 1 },
  { t: 6, c: 24, n: 2, s: 2 },
  { t: 6, c: 32, n: 3, s: 2 },
  { t: 6, c: 64, n: 4, s: 2 },
  { t: 6, c: 96, n: 3, s: 1 },
  { t: 6, c: 160, n: 3, s: 2 },
  { t: 6, c: 320, n: 1, s: 1 },
];

const stemChannels = 32;
const featureWidth = 1280;

/**
 * MobileNet-v2 (width 1.0) as torchvision builds it, from torchvision's state_dict.
 *
 * Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018.
 *
 * image, normalised float32 (N, 3, H, W) → features after global average pooling, (N, 1280), in 0..6 → logits (N, K), K as in the
 * checkpoint. Taps: `stem`, `stage1` … `stage7` (the rows of the paper's table 2) and `last`, the 1 × 1 convolution before the pooling.
 * Convolutions have torchvision's names.
 * @throws FaroutError OOD_CHECKPOINT_MISMATCH when the checkpoint belongs to another network.
 */
export const mobilenetV2 = defineBackbone({
  name: 'mobilenet-v2',
  about: {
    summary: 'MobileNet-v2 from torchvision: 1,280 features.',
    source: 'Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018',
  },
  params: z.object({
    weights: filePath().describe(
      'weights of torchvision.models.mobilenet_v2: a PyTorch checkpoint (.pth, .pt, .bin) or .safetensors',
    ),
    state: stateKey(),
    ...imageParameters,
  }),
  published: { parameter: 'weights', manifest: 'mobilenet-v2' },
  open: async ({ weights, state: key }, { stateDict }) => {
    const state = await stateDict(weights, { state: key });
    const stages: [string, Layer][] = [
      ['stem', convRelu6(state, 'features.0', { shape: [stemChannels, 3, 3, 3], stride: 2, padding: 1 })],
      ...invertedResiduals(state),
      ['last', convRelu6(state, 'features.18', { shape: [featureWidth, 320, 1, 1] })],
    ];
    return { ...stagedNetwork(new Map(stages)), head: lastLayer(state, 'classifier.1', featureWidth) };
  },
});

function convRelu6(state: StateDict, name: string, options: Parameters<typeof convNorm>[3]): Layer {
  const layer = convNorm(state, `${name}.0`, `${name}.1`, options);
  return (x, seen) => layer(x, seen).clip(0, 6);
}

function invertedResiduals(state: StateDict): [string, Layer][] {
  let channels = stemChannels;
  let index = 1;
  return settings.map(({ t, c, n, s }, stage) => {
    const layers = Array.from({ length: n }, (_, repetition) => {
      const block = invertedResidual(state, `features.${index++}.conv`, channels, c, t, repetition === 0 ? s : 1);
      channels = c;
      return block;
    });
    return [`stage${stage + 1}`, (x, seen) => layers.reduce((y, block) => block(y, seen), x)];
  });
}

/** 1 × 1 to t times the channels (absent for t = 1), depthwise 3 × 3, linear 1 × 1; added to the input if the shapes match. */
function invertedResidual(
  state: StateDict,
  name: string,
  channels: number,
  out: number,
  t: number,
  stride: number,
): Layer {
  const hidden = channels * t;
  const expand = t === 1 ? [] : [convRelu6(state, `${name}.0`, { shape: [hidden, channels, 1, 1] })];
  const next = expand.length;
  const depthwise = { shape: [hidden, 1, 3, 3] as const, stride, padding: 1, groups: hidden };
  const layers = [
    ...expand,
    convRelu6(state, `${name}.${next}`, depthwise),
    convNorm(state, `${name}.${next + 1}`, `${name}.${next + 2}`, { shape: [out, hidden, 1, 1] }),
  ];
  const residual = stride === 1 && channels === out;
  return (x, seen) => {
    const y = layers.reduce((z, layer) => layer(z, seen), x);
    return residual ? y.add(x) : y;
  };
}
