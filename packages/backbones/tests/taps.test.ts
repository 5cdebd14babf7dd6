import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Backbone, BackboneDefinition, Taps } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { input, type NDArray } from '@farout/tensor';
import { mobilenetV2, resnet18, resnet18Cifar, resnet50 } from '../src/index.ts';
import { PaintedStateDict, paintedImages } from './parts/painted.ts';

/** What PyTorch gives: see golden/taps.py. */
interface Golden {
  readonly shape: readonly number[];
  /** Of all numbers, and of their sizes. */
  readonly mean: number;
  readonly size: number;
  /** At five places, from the first to the last. */
  readonly values: readonly number[];
}
type Maps = Readonly<Record<string, Golden>>;

const golden = JSON.parse(readFileSync(new URL('golden/taps.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, { readonly taps: Maps; readonly convolutions: Maps }>
>;

const summaryOf = ({ data, shape }: NDArray): Golden => {
  const numbers = Array.from(data, Number);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    shape,
    mean: mean(numbers),
    size: mean(numbers.map(Math.abs)),
    values: Array.from({ length: 5 }, (_, i) => numbers[Math.floor((i * (numbers.length - 1)) / 4)]!),
  };
};

/** float32 in some fifty layers, relative to the size of the map's numbers. */
const rounding = 1e-5;

function expectLike({ data, shape }: NDArray, expected: Golden): void {
  const found = summaryOf({ data, shape });
  expect(found.shape).toEqual(expected.shape);
  const numbers = ({ mean, size, values }: Golden) => [mean, size, ...values];
  for (const [i, number] of numbers(found).entries())
    expect(Math.abs(number - numbers(expected)[i]!)).toBeLessThan(rounding * expected.size);
}

const image = input('image', ['N', 3, 64, 64]);
const numbered = (maps: Taps) => Object.fromEntries([...maps.values()].map((map, index) => [String(index), map]));

describe.each<[string, BackboneDefinition]>([
  ['resnet50', resnet50],
  ['mobilenet-v2', mobilenetV2],
  ['resnet18', resnet18],
  ['resnet18-cifar', resnet18Cifar],
])('the maps of %s', (name, definition) => {
  const { taps, convolutions } = golden[name]!;
  let network: Backbone;
  beforeAll(async () => {
    const files = {
      stateDict: () => Promise.resolve(new PaintedStateDict()),
      onnx: () => Promise.reject(new Error('it is no checkpoint')),
    };
    network = await definition.open({ weights: 'painted' }, files);
  });

  it('are those of torchvision behind each stage, by their names and in their order', async () => {
    const maps = network.taps!(image);
    expect([...maps.keys()]).toEqual(Object.keys(taps));
    const found = await evaluate(numbered(maps), { image: paintedImages() });
    for (const [index, expected] of Object.values(taps).entries()) expectLike(found[index]!, expected);
  });

  it('are those of its convolutions before their normalisation, by the names of their weights', async () => {
    const maps = network.convolutions!(image);
    expect([...maps.keys()].sort()).toEqual(Object.keys(convolutions).sort());
    const found = await evaluate(numbered(maps), { image: paintedImages() });
    for (const [index, layer] of [...maps.keys()].entries()) expectLike(found[index]!, convolutions[layer]!);
  });

  it('lead to the features: the last one by its mean, each by what comes behind it', async () => {
    const maps = network.taps!(image);
    const ends = [...maps].map(([tap, map]) => [tap, network.from!(tap, map)] as const);
    const last = [...maps.values()].at(-1)!;
    const found = await evaluate(
      { ...Object.fromEntries(ends), features: network.features(image), mean: last.mean([2, 3]) },
      { image: paintedImages() },
    );
    expect(found.mean).toEqual(found.features);
    for (const [tap] of ends) expect(found[tap]).toEqual(found.features);
  });

  it('lead to other features where a map is another one, from the stage behind it on', async () => {
    const [tap, map] = [...network.taps!(image)].at(-2)!;
    const features = network.from!(tap, map.mul(2));
    const found = await evaluate({ features, bare: network.features(image) }, { image: paintedImages() });
    expect(found.features!.shape).toEqual(found.bare!.shape);
    expect(found.features!.data).not.toEqual(found.bare!.data);
  });
});
