import { describe, expect, it } from '@jest/globals';
import { StateDict } from '@oodkit/core';
import { input, type NDArray } from '@oodkit/tensor';
import { demoResnet } from '../src/demo-resnet.ts';

/** The parameters of tools/demo/network.py, as PyTorch names and shapes them. */
const shapes: Record<string, readonly number[]> = {
  ...layer('conv1', 'bn1', [16, 3, 3, 3]),
  ...block('layer1', 16, 16),
  ...block('layer2', 16, 32),
  ...block('layer3', 32, 64),
  ...block('layer4', 64, 96),
  'fc.weight': [12, 96],
  'fc.bias': [12],
};

function layer(conv: string, norm: string, shape: readonly [number, number, number, number]) {
  const statistics = ['weight', 'bias', 'running_mean', 'running_var'].map((name) => [`${norm}.${name}`, [shape[0]]]);
  return { [`${conv}.weight`]: shape, ...(Object.fromEntries(statistics) as Record<string, number[]>) };
}

function block(name: string, inputs: number, outputs: number) {
  return {
    ...layer(`${name}.conv1`, `${name}.bn1`, [outputs, inputs, 3, 3]),
    ...layer(`${name}.conv2`, `${name}.bn2`, [outputs, outputs, 3, 3]),
    ...(inputs === outputs ? {} : layer(`${name}.downsample.0`, `${name}.downsample.1`, [outputs, inputs, 1, 1])),
  };
}

const checkpoint = () =>
  new Map(
    Object.entries(shapes).map(([name, shape]): [string, NDArray] => [
      name,
      { data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5), shape },
    ]),
  );

async function open(arrays: ReadonlyMap<string, NDArray>) {
  const state = new StateDict(arrays, 'test.pth');
  const params = demoResnet.params.parse({ weights: 'test.pth' });
  const backbone = await demoResnet.open(params, {
    stateDict: () => Promise.resolve(state),
    onnx: () => Promise.reject(new Error('it is no ONNX file')),
  });
  return { backbone, state };
}

describe('demo-resnet', () => {
  it('takes every parameter that PyTorch saves, and no other', async () => {
    const { state } = await open(checkpoint());
    expect(() => state.finish('demo-resnet')).not.toThrow();
  });

  it('makes 96 features and a head of 12 classes, as often as it is applied', async () => {
    const { backbone } = await open(checkpoint());
    const image = input('image', ['N', 3, 64, 64]);
    expect(backbone.features(image).shape).toEqual(['N', 96]);
    expect(backbone.features(image.mul(2)).shape).toEqual(['N', 96]);
    expect([backbone.head.weight.shape, backbone.head.bias.shape]).toEqual([[12, 96], [12]]);
  });

  it('a parameter that the checkpoint lacks is named', async () => {
    const arrays = checkpoint();
    arrays.delete('layer3.downsample.0.weight');
    const { state } = await open(arrays);
    expect(() => state.finish('demo-resnet')).toThrow('layer3.downsample.0.weight');
  });

  it('takes rendered images as they are: 64 pixels, values from −1 to 1', () => {
    expect(demoResnet.params.parse({ weights: 'test.pth' })).toEqual({
      weights: 'test.pth',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      resize: 64,
      crop: 64,
    });
  });
});
