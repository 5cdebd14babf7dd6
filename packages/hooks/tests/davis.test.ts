import { describe, expect, it } from '@jest/globals';
import { schemaOf, traceHooks } from '@farout/core';
import { testHook } from '@farout/testing';
import { evaluate } from '@farout/runtime';
import { constant, input, type Tensor } from '@farout/tensor';
import { davis } from '../src/davis.ts';

testHook(davis, [
  {
    title: 'what was read of the map stands in the place of the features',
    readings: { pooled: [[3, 1]] },
    features: [[7, 8]],
    logits: [[3, 1]],
  },
  { title: 'of equal places the maximum is their value', features: [[0.5, 2]], logits: [[0.5, 2]] },
  {
    title: 'of equal places the mean and the standard deviation give their value',
    params: { pool: 'mean-std', gamma: 3 },
    features: [[0.5, 2]],
    logits: [[0.5, 2]],
  },
  { title: 'another statistic is refused', params: { pool: 'median' }, refused: 'pool' },
]);

/** Two channels of 2 × 3 places. */
const map = { data: Float32Array.of(1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 9), shape: [1, 2, 2, 3] };

/** A network whose images are the map itself. */
async function pooled(params: object, { data, shape }: { data: Float32Array; shape: number[] } = map) {
  const image = input('image', ['N', ...shape.slice(1)]);
  const features = (m: Tensor) => m.mean([2, 3]);
  const width = shape[1]!;
  const head = {
    weight: constant({ data: new Float32Array(width), shape: [1, width] }),
    bias: constant({ data: new Float32Array(1), shape: [1] }),
  };
  const images = { image, std: image, backbone: { features, taps: (m: Tensor) => new Map([['layer4', m]]) } };
  const view = traceHooks({ features: features(image), head, images }, [
    { definition: davis, params: schemaOf(davis).parse(params), learnt: {} },
  ]);
  return Array.from((await evaluate({ h: view.features }, { image: { data, shape } })).h!.data, Number);
}
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5) as unknown);

describe('davis, of the places of each channel,', () => {
  it('takes the maximum', async () => {
    expect(await pooled({})).toEqual([6, 9]);
  });

  it('or the mean and γ standard deviations with n − 1', async () => {
    // Deviations from 3.5 square to 17.5, those from 1.5 to 67.5; five are free.
    const [first, second] = [Math.sqrt(17.5 / 5), Math.sqrt(67.5 / 5)];
    expect(await pooled({ pool: 'mean-std' })).toEqual(close([3.5 + first / 2, 1.5 + second / 2]));
    expect(await pooled({ pool: 'mean-std', gamma: 3 })).toEqual(close([3.5 + 3 * first, 1.5 + 3 * second]));
  });

  it('of a single one its value', async () => {
    const one = { data: Float32Array.of(4, -1), shape: [1, 2, 1, 1] };
    expect(await pooled({ pool: 'mean-std' }, one)).toEqual([4, -1]);
  });

  it('stands before all other hooks', () => {
    expect(davis.first).toBe(true);
  });
});
