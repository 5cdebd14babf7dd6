import { expect, it } from '@jest/globals';
import { traceHooks, traceScore, type SymbolicScorer } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { constant, input, type Tensor } from '@farout/tensor';
import { testScorer } from '@farout/testing';
import { rankfeat } from '../src/rankfeat.ts';

const energy = (...logits: readonly number[]) => Math.log(logits.reduce((sum, f) => sum + Math.exp(f), 0));

testScorer(
  rankfeat,
  [
    {
      title: 'of maps of equal pixels, which are of rank one, the bias alone is left',
      features: [
        [3, 1],
        [0, 0],
      ],
      head: {
        weight: [
          [1, 0],
          [0, 1],
        ],
        bias: [0.5, 2],
      },
      scores: [energy(0.5, 2), energy(0.5, 2)],
    },
    { title: 'a temperature of 0 is refused', params: { temperature: 0 }, refused: 'temperature' },
    { title: 'no tap is refused', params: { taps: [] }, refused: 'taps' },
  ],
  { noSureImage: 'the kit’s maps are of rank one, of which nothing is left' },
);

/** A network whose only map is its image, (N, C, H, W), whose features are the means of the channels, and whose logits are these. */
function mapNetwork(channels: number) {
  const image = input('image', ['N', channels, 2, 2]);
  const pooled = (map: Tensor) => map.mean([2, 3]);
  const eye = Float32Array.from({ length: channels ** 2 }, (_, i) => Number(i % (channels + 1) === 0));
  return {
    features: pooled(image),
    head: {
      weight: constant({ data: eye, shape: [channels, channels] }),
      bias: constant({ data: new Float32Array(channels), shape: [channels] }),
    },
    images: {
      image,
      std: constant({ data: new Float32Array(channels).fill(1), shape: [channels, 1, 1] }),
      backbone: {
        features: pooled,
        taps: (x: Tensor) => new Map([['map', x]]),
        from: (_: string, map: Tensor) => pooled(map),
      },
    },
  };
}

/** Channels of zeros make them more than places, and another matrix is squared. */
it.each([3, 6])(
  'removes the larger of two singular values of %i channels, and nothing of the smaller one',
  async (channels) => {
    // Columns of the map: two orthogonal directions of the places, (1, 1, 1, 1) / 2 and (1, 1, −1, −1) / 2, for orthogonal channels.
    const [large, small] = [8, 6];
    const map = [
      [large / 2, large / 2, large / 2, large / 2],
      [small / 2, small / 2, -small / 2, -small / 2],
      ...Array.from({ length: channels - 2 }, () => [0, 0, 0, 0]),
    ];
    const tilted = [[-2, 0, -2, 0], ...map.slice(1)];
    const params = { taps: ['map'], temperature: 2 };
    const score = traceScore(traceHooks(mapNetwork(channels), []), {
      definition: rankfeat as SymbolicScorer,
      params,
      learnt: {},
    });
    const data = Float32Array.from([map, tilted].flat(2));
    const found = await evaluate({ score }, { image: { data, shape: [2, channels, 2, 2] } });
    // The second map: of (−2, 0, −2, 0) the smaller value is left, whose mean is −1; the larger is the second channel's.
    const others = new Array<number>(channels - 1).fill(0);
    const expected = [2 * energy(0, ...others), 2 * energy(-0.5, ...others)];
    expected.forEach((value, row) => expect(Number(found.score!.data[row])).toBeCloseTo(value, 5));
  },
);
