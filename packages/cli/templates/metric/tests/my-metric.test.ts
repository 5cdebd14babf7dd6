import { testMetric } from '@farout/testing';
import { describe, it } from 'vitest';
import { metric } from '../src/my-metric.ts';

testMetric(
  metric,
  [
    { title: 'sets that one threshold parts have 1', idScores: [3, 4], oodScores: [1, 2], value: 1 },
    {
      title: 'the best threshold counts: three of four ID images, one of four OOD images',
      idScores: [9, 8, 7, 2],
      oodScores: [7.5, 1, 1, 0],
      value: 3 / 4,
    },
    { title: 'equal scores are not parted', idScores: [1, 1], oodScores: [1], value: 0 },
    { title: 'reversed sets have 0', idScores: [0], oodScores: [5], value: 0 },
  ],
  { describe, it },
);
