import { testHook } from '@farout/testing';
import { line } from '../src/line.ts';

/** Class means (2, 1, 0, 4) and (0, 3, 1, 1); class 2 has no image. */
const fit = {
  features: [
    [1, 1, 0, 4],
    [3, 1, 0, 4],
    [0, 3, 1, 1],
  ],
  labels: [0, 0, 1],
};
const head = {
  weight: [
    [1, 2, -1, 0.5],
    [-2, 1, 3, 0.25],
    [0, 0, 0, -4],
  ],
  bias: [0.5, 0, -0.5],
};
// A: of class 0 (2, 2, 0, 2), of class 1 (0, 3, 3, 0.25), of class 2 zeros.
// |A| W of class 0: 2 4 0 1, −4 2 0 0.5, 0 0 0 −8; of class 1: 0 6 −3 0.125, 0 3 9 0.0625, 0 0 0 −1.

testHook(line, [
  {
    title: 'of the predicted class those neurons and weights count that lie above their percentiles',
    params: { c: 2, neurons: 20, weights: 50 },
    fit,
    head,
    features: [
      // Cut off at 2: (2, 1, 0, 2). The logits 5.5, −2.5, −8.5 predict class 0. Of its contributions 0 2 2 2 those above 1.2 count,
      // of its products −8 −4 0 0 0 0 0 0.5 1 2 2 4 those above 0.
      [3, 1, 0, 2],
      // Cut off at 2: (0, 1, 2, 0). The logits 0.5, 7, −0.5 predict class 1. Of its contributions 0 0.25 3 3 those above 0.15 count,
      // of its products −3 −1 0 0 0 0 0 0.0625 0.125 3 6 9 those above 0.
      [0, 1, 5, 0],
    ],
    logits: [
      [2 * 1 + 1 * 2 + 2 * 0.5 + 0.5, 1 * 1 + 2 * 0.25, -0.5],
      [1 * 2 + 0.5, 1 * 1 + 2 * 3, -0.5],
    ],
  },
  {
    title: 'with 0 % only the least drops out',
    params: { c: 2, neurons: 0, weights: 0 },
    fit,
    head,
    features: [[3, 1, 1, 2]],
    // All but the third neuron, whose contribution is 0, and the weight −4.
    logits: [[2 + 2 + 1 + 0.5, -4 + 1 + 0.5, -0.5]],
  },
  {
    title: 'of a class without images no neuron counts',
    params: { c: 2 },
    fit,
    head: { ...head, bias: [0, 0, 99] },
    features: [[1, 1, 1, 1]],
    logits: [[0, 0, 99]],
  },
  { title: 'a fraction is refused', params: { neurons: 0.1 }, refused: 'neurons' },
  { title: 'all weights are refused', params: { weights: 100 }, refused: 'weights' },
  { title: 'a c of 0 is refused', params: { c: 0 }, refused: 'c' },
]);
