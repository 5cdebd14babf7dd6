import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StateDict } from '@farout/core';
import type { NDArray } from '@farout/tensor';
import { testBackbone } from '@farout/testing';
import { describe, expect, it } from '@jest/globals';
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

const checkpoint = (): Record<string, NDArray> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5), shape },
    ]),
  );

const params = { weights: 'test.pth' };

describe('demo-resnet', () => {
  it('a parameter that the checkpoint lacks is named', async () => {
    const { 'layer3.downsample.0.weight': lacking, ...rest } = checkpoint();
    expect(lacking).toBeDefined();
    const state = new StateDict(new Map(Object.entries(rest)), 'test.pth');
    await demoResnet.open(demoResnet.params.parse(params), {
      stateDict: () => Promise.resolve(state),
      onnx: () => Promise.reject(new Error('it is no ONNX file')),
    });
    expect(() => state.finish('demo-resnet')).toThrow('layer3.downsample.0.weight');
  });

  it('without weights opens the file that comes with the package', async () => {
    const opened: string[] = [];
    await demoResnet.open(demoResnet.params.parse({}), {
      stateDict: (path) => {
        opened.push(path);
        return Promise.resolve(new StateDict(new Map(Object.entries(checkpoint())), path));
      },
      onnx: () => Promise.reject(new Error('it is no ONNX file')),
    });
    expect(opened).toEqual([fileURLToPath(new URL('../weights/demo-resnet.pth', import.meta.url))]);
    expect(existsSync(opened[0]!)).toBe(true);
  });

  it('takes rendered images as they are: 64 pixels, values from −1 to 1', () => {
    expect(demoResnet.params.parse(params)).toEqual({
      weights: 'test.pth',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      resize: 64,
      crop: 64,
      interpolation: 'bilinear',
      sides: 'shorter',
    });
  });
});

testBackbone(demoResnet, [
  {
    title: 'has 96 features and 12 classes',
    params,
    width: 96,
    classes: 12,
    taps: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
    convolutions: 12,
  },
  {
    title: 'takes every parameter that PyTorch saves, and no other',
    params,
    files: { 'test.pth': checkpoint() },
    width: 96,
    classes: 12,
  },
  { title: 'an empty checkpoint fails', params, files: { 'test.pth': {} }, fails: 'OOD_CHECKPOINT_MISMATCH' },
  { title: 'weights that are no path are refused', params: { weights: '' }, refused: 'weights' },
  { title: 'two colours are refused', params: { ...params, mean: [0, 0] }, refused: 'mean' },
]);
