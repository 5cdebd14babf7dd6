import { describe, expect, it } from '@jest/globals';
import { StateDict } from '@farout/core';
import { lastLayer } from '../src/last-layer.ts';

const layerOf = (classes: number) => {
  const array = (...shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape });
  return lastLayer(
    new StateDict(
      new Map([
        ['fc.weight', array(classes, 4)],
        ['fc.bias', array(classes)],
      ]),
      'net.pth',
    ),
    'fc',
    4,
  );
};

describe('lastLayer', () => {
  it.each([2, 6, 1000, 21843])('has as many classes as the checkpoint: %d', (classes) => {
    const { weight, bias } = layerOf(classes);
    expect([weight.shape, bias.shape]).toEqual([[classes, 4], [classes]]);
  });

  it('refuses a single number, and says how it becomes two classes', () => {
    expect(() => layerOf(1)).toThrow('its last layer "fc" gives one number, not one for each class');
  });
});
