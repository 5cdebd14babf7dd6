import { describe, expect, it } from '@jest/globals';
import { schemaOf } from '@farout/core';
import { testHook } from '@farout/testing';
import { react } from '../src/react.ts';

testHook(react, [
  {
    title: 'activations above c become c, the others stay',
    params: { c: 1 },
    features: [
      [0, 0.5, 1, 1.5],
      [-2, 7, 0.999, 1e4],
    ],
    logits: [
      [0, 0.5, 1, 1],
      [-2, 1, 0.999, 1],
    ],
  },
  {
    title: 'the head reads the rectified activations',
    params: { c: 1 },
    features: [[0.5, 3]],
    head: { weight: [[2, 10]], bias: [0.25] },
    logits: [[2 * 0.5 + 10 * 1 + 0.25]],
  },
  { title: 'c = 1e6 leaves the network as it is', params: { c: 1e6 }, features: [[0, 50000]], logits: [[0, 50000]] },
  {
    title: 'c is learnt as a percentile of the activations of all units and images, interpolated as numpy does',
    params: { percentile: 50 },
    fit: {
      features: [
        [1, 9],
        [2, 4],
      ],
    },
    features: [[2.5, 3.5]],
    logits: [[2.5, 3]],
  },
  {
    title: 'with neither c nor percentile, c is the 90th percentile',
    fit: { features: [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] },
    features: [[8, 9, 9.5, 100]],
    logits: [[8, 9, 9, 9]],
  },
  {
    title: 'the 100th percentile is the largest activation of the fit set',
    params: { percentile: 100 },
    fit: { features: [[0.5, 2.25]] },
    features: [[2, 3]],
    logits: [[2, 2.25]],
  },
  {
    title: 'at the map, places that are all alike are cut off as their mean is',
    params: { c: 1, at: 'map' },
    features: [[0, 0.5, 1.5]],
    logits: [[0, 0.5, 1]],
  },
  {
    title: 'at the map, c is learnt from the pooled features',
    params: { percentile: 50, at: 'map' },
    fit: { features: [[1, 2, 3]] },
    features: [[1, 5, 2]],
    logits: [[1, 2, 2]],
  },
  { title: 'another place than the features and the map is refused', params: { at: 'logits' }, refused: 'at' },
  { title: 'c and percentile together are refused', params: { c: 1, percentile: 90 }, refused: 'percentile' },
  { title: 'a percentile of 101 is refused', params: { percentile: 101 }, refused: 'percentile' },
  { title: 'a negative percentile is refused', params: { percentile: -1 }, refused: 'percentile' },
  { title: 'a percentile that is a fraction is refused', params: { percentile: 0.9 }, refused: 'percentile' },
  { title: 'a c of 0 is refused', params: { c: 0 }, refused: 'c' },
]);

describe('the percentile of react', () => {
  it.each([
    [0.9, /write 90 for 0\.9, which would cut off 99\.1 % of/],
    [0.07, /write 7 for 0\.07, which would cut off 99\.93 % of/],
    [0.999, /write 99\.9 for 0\.999, which would cut off 99\.001 % of/],
  ])('says of the fraction %d what to write', (percentile, sentence) => {
    const { error } = schemaOf(react).safeParse({ percentile });
    expect(error!.issues.map(({ path, message }) => [path.join(), message])).toEqual([
      ['percentile', expect.stringMatching(sentence)],
    ]);
  });

  it.each([0, 1, 99.5, 100])('may be %d', (percentile) => {
    expect(schemaOf(react).parse({ percentile })).toEqual({ percentile, at: 'features' });
  });
});
