import { describe, expect, it } from '@jest/globals';
import { StateDict } from '@farout/core';
import { lastLayer } from '../src/last-layer.ts';

const array = (...shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape });
const stateOf = (weight: number[], bias: number[]) =>
  new StateDict(
    new Map([
      ['fc.weight', array(...weight)],
      ['fc.bias', array(...bias)],
    ]),
    'net.pth',
  );
const layerOf = (classes: number) => lastLayer(stateOf([classes, 4], [classes]), 'fc', 4);

describe('lastLayer', () => {
  it.each([2, 6, 1000, 21843])('has as many classes as the checkpoint: %d', (classes) => {
    const { weight, bias } = layerOf(classes);
    expect([weight.shape, bias.shape]).toEqual([[classes, 4], [classes]]);
  });

  it.each([
    [[10, 4], [5], 'fc.bias is (5), expected (10 classes as fc.weight has)'],
    [[10, 6], [10], 'fc.weight is (10, 6), expected (classes, 4)'],
  ])('says what is wrong with a weight %p and a bias %p', (weight, bias, says) => {
    const state = stateOf(weight, bias);
    lastLayer(state, 'fc', 4);
    expect(() => state.finish('net')).toThrow(`  1 of another shape: ${says}`);
  });

  it('refuses a single number, and says how it becomes two classes', () => {
    expect(() => layerOf(1)).toThrow('its last layer "fc" gives one number instead of one per class');
  });
});
