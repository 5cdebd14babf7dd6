import { testHook } from '@farout/testing';
import { describe, it } from 'vitest';
import { hook } from '../src/my-hook.ts';

testHook(
  hook,
  [
    { title: 'no activation exceeds c', params: { c: 2 }, features: [[0, 1000]], logits: [[0, 2]] },
    {
      title: 'activations follow the hyperbolic tangent',
      features: [[0.5, -1]],
      logits: [[(Math.E - 1) / (Math.E + 1), (1 - Math.E ** 2) / (1 + Math.E ** 2)]],
    },
    {
      title: 'a large c leaves the features as they are',
      params: { c: 1e6 },
      features: [[0.5, 3]],
      logits: [[0.5, 3]],
    },
    { title: 'a c of 0 is refused', params: { c: 0 }, refused: 'c' },
  ],
  { describe, it },
);
