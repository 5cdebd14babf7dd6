import { testHook } from '@farout/testing';
import { vraP } from '../src/vra-p.ts';

/** All features: 0 to 9; the channels: 0, 2, 4, 6, 8 and 1, 3, 5, 7, 9. */
const fit = {
  features: [
    [8, 5],
    [0, 3],
    [4, 9],
    [6, 1],
    [2, 7],
  ],
};

testHook(vraP, [
  {
    title: 'features below 0.5 become 0 and those above 1 become 1',
    features: [[0.4, 0.5, 0.75, 1, 1.5, -3]],
    logits: [[0, 0.5, 0.75, 1, 1, 0]],
  },
  {
    title: 'both thresholds may be given',
    params: { low: -1, high: 4 },
    features: [[-2, -1, 3, 5]],
    logits: [[0, -1, 3, 4]],
  },
  {
    title: 'they are learnt as percentiles of all features together, linear between two of them',
    params: { percentiles: [25, 75] },
    fit,
    // 2.25 and 6.75
    features: [
      [2, 7],
      [2.5, 6.5],
    ],
    logits: [
      [0, 6.75],
      [2.5, 6.5],
    ],
  },
  {
    title: 'or each channel has its own',
    params: { percentiles: [20, 80], per: 'channel' },
    fit,
    // 1.6 and 6.4 in the first, 2.6 and 7.4 in the second
    features: [
      [2, 2],
      [7, 7],
      [1, 9],
    ],
    logits: [
      [2, 0],
      [6.4, 7],
      [0, 7.4],
    ],
  },
  {
    title: 'what is small may be clipped to the lower threshold, as in OpenOOD',
    params: { low: 1, high: 2, below: 'low' },
    features: [[0.5, 1.5, -4, 3]],
    logits: [[1, 1.5, 1, 2]],
  },
  {
    title: 'a constant may be added between the thresholds, as in VRA+',
    params: { low: 0.6, high: 0.7, lambda: 0.3 },
    features: [[0.5, 0.65, 0.8]],
    logits: [[0, 0.95, 0.7]],
  },
  {
    title: 'the percentiles 0 and 100 change nothing of the fit set',
    params: { percentiles: [0, 100] },
    fit,
    features: fit.features,
    logits: fit.features,
  },
  {
    title: 'far thresholds change nothing',
    params: { low: -1e6, high: 1e6 },
    features: [[-3, 0, 50000]],
    logits: [[-3, 0, 50000]],
  },
  {
    title: 'thresholds and percentiles are refused',
    params: { low: 0, percentiles: [10, 90] },
    refused: 'percentiles',
  },
  { title: 'thresholds in the wrong order are refused', params: { low: 2 }, refused: 'low' },
  { title: 'percentiles in the wrong order are refused', params: { percentiles: [90, 10] }, refused: 'percentiles' },
  { title: 'fractions are refused', params: { percentiles: [0.1, 0.9] }, refused: 'percentiles' },
  { title: 'another group of features is refused', params: { per: 'class' }, refused: 'per' },
  { title: 'another value below the threshold is refused', params: { below: 'high' }, refused: 'below' },
]);
