import { describe, expect, it } from '@jest/globals';
import { schemaOf, stagedNetwork, traceHooks, type NetworkView } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { constant, input, type NDArray } from '@farout/tensor';
import { react } from '../src/react.ts';

const side = 6;
const channels = 4;
const count = 3;

const waves = (shape: readonly number[], pace: number) => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  return { data: data.map((_, i) => Math.sin(pace * (i + 1))), shape };
};
const kernels = [waves([channels, 3, 3, 3], 1.3), waves([channels, channels, 3, 3], 0.7)].map((each) => constant(each));

/** Two convolutions with ReLU, one behind the other; the second halves the map. */
const network = stagedNetwork(
  new Map([
    ['first', (x) => x.conv(kernels[0]!, { padding: 1 }).relu()],
    ['second', (x) => x.conv(kernels[1]!, { padding: 1, stride: 2 }).relu()],
  ]),
);
const head = { weight: constant(waves([2, channels], 0.9)), bias: constant(waves([2], 2)) };
const image = input('image', ['N', 3, side, side]);
const std = constant({ data: Float32Array.of(1, 1, 1), shape: [3, 1, 1] });
const images = { image: waves([count, 3, side, side], 0.4) };

const hooked = (
  params: Readonly<Record<string, unknown>>,
  learnt: Readonly<Record<string, NDArray>> = {},
): NetworkView =>
  traceHooks({ features: network.features(image), head, images: { image, std, backbone: network } }, [
    { definition: react, params: schemaOf(react).parse(params), learnt },
  ]);

/** min(z, c) of each number of the map before the pooling, and then their mean over the places, in float64. */
async function clippedThenPooled(c: number): Promise<number[]> {
  const { map } = await evaluate({ map: [...network.taps(image).values()].at(-1)! }, images);
  const places = map!.data.length / (count * channels);
  return Array.from({ length: count * channels }, (_, row) => {
    let sum = 0;
    for (let place = 0; place < places; place++) sum += Math.min(Number(map!.data[row * places + place]), c);
    return sum / places;
  });
}

const featuresOf = async (view: NetworkView) =>
  Array.from((await evaluate({ h: view.features }, images)).h!.data, Number);
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5) as unknown);

describe('react at the map', () => {
  it.each([0.25, 1, 2.5])('cuts off each place of the map at c = %d, and pools what is left', async (c) => {
    expect(await featuresOf(hooked({ c, at: 'map' }))).toEqual(close(await clippedThenPooled(c)));
  });

  it('cuts off more than at the features, which are means', async () => {
    const [map, features] = [await featuresOf(hooked({ c: 1, at: 'map' })), await featuresOf(hooked({ c: 1 }))];
    map.forEach((value, i) => expect(value).toBeLessThanOrEqual(features[i]! + 1e-6));
    expect(map).not.toEqual(close(features));
  });

  it('takes the c that it learnt', async () => {
    const learnt = { c: { data: Float64Array.of(0.75), shape: [] } };
    expect(await featuresOf(hooked({ at: 'map' }, learnt))).toEqual(close(await clippedThenPooled(0.75)));
  });

  it('leaves the map alone unless it is asked to, and then the features', () => {
    const at = (place: string) => react.map!(schemaOf(react).parse({ c: 1, at: place }));
    expect(at('features')).toBeUndefined();
    expect(react.map!(schemaOf(react).parse({ c: 1 }))).toBeUndefined();
    const h = input('h', ['N', 2]);
    expect(react.features!(h, schemaOf(react).parse({ c: 1, at: 'map' }), undefined as never)).toBe(h);
  });

  it('goes through other images, too, as ODIN shows them', async () => {
    const view = hooked({ c: 0.5, at: 'map' });
    const again = { h: view.features, same: view.featuresOf(image) };
    const found = await evaluate(again, images);
    expect(found.same).toEqual(found.h);
  });
});
