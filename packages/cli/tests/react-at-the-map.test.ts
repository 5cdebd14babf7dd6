import { describe, expect, it } from '@jest/globals';
import { mobilenetV2, resnet50 } from '@farout/backbones';
import { StateDict, traceHooks, type BackboneDefinition } from '@farout/core';
import { react } from '@farout/hooks';
import { evaluate } from '@farout/runtime';
import { constant, input, type Dimension, type Tensor } from '@farout/tensor';

// Jest looks a global up in its sandbox at every use.
const { imul, sin, sqrt } = Math;

/** Numbers between −1 and 1 without an order, made in no time. */
function scattered(i: number): number {
  const mixed = imul(i ^ (i >>> 15), 0x2c1b3c6d);
  return imul(mixed ^ (mixed >>> 12), 0x297a2d39) / 2 ** 31;
}

/** A checkpoint that has whatever is asked of it: kernels of a size that keeps the activations', and variances above 0. */
class Waves extends StateDict {
  constructor() {
    super(new Map(), 'waves');
  }

  override take(name: string, wanted: readonly (Dimension | undefined)[]): Tensor {
    const shape = wanted.map((size) => (typeof size === 'number' ? size : 10));
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const reach = sqrt((4 * shape[0]!) / data.length);
    const isMatrix = shape.length > 1;
    for (let i = 0; i < data.length; i++) data[i] = isMatrix ? reach * scattered(i) : 1 + sin(i) / 2;
    return constant({ data, shape }, name);
  }
}

const side = 64;
const image = input('image', ['N', 3, side, side]);
const images = {
  image: {
    data: Float32Array.from({ length: 2 * 3 * side * side }, (_, i) => sin(i * (i % 97))),
    shape: [2, 3, side, side],
  },
};
const std = constant({ data: Float32Array.of(1, 1, 1), shape: [3, 1, 1] });

describe.each<[string, BackboneDefinition, string]>([
  ['resnet50', resnet50, 'layer4'],
  ['mobilenet-v2', mobilenetV2, 'last'],
])('ReAct at the map of %s', (_, definition, last) => {
  it('clips the map that is pooled, place by place, and pools what is left', async () => {
    const network = await definition.open(
      { weights: 'waves' },
      {
        stateDict: () => Promise.resolve(new Waves()),
        onnx: () => Promise.reject(new Error('it is no checkpoint')),
      },
    );
    const bare = { features: network.features(image), head: network.head, images: { image, std, backbone: network } };
    const map = network.taps!(image).get(last)!;
    const found = await evaluate({ map, h: bare.features }, images);
    const h = Array.from(found.h!.data, Number);
    const c = [...h].sort((a, b) => a - b)[Math.floor(0.9 * h.length)]!;
    const { features } = traceHooks(bare, [{ definition: react, params: { c, at: 'map' }, learnt: {} }]);
    const { hooked } = await evaluate({ hooked: features }, images);
    const places = found.map!.data.length / h.length;
    let clipped = 0;
    const expected = h.map((__, row) => {
      let sum = 0;
      for (let place = 0; place < places; place++) {
        const value = Number(found.map!.data[row * places + place]);
        if (value > c) clipped++;
        sum += Math.min(value, c);
      }
      return sum / places;
    });
    expect(places).toBe(4);
    expect(clipped).toBeGreaterThan(100);
    Array.from(hooked!.data, Number).forEach((value, i) =>
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * c),
    );
  });
});
