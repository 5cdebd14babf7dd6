import { testBackbone } from '@oodkit/testing';
import { describe, it } from 'vitest';
import { backbone } from '../src/my-backbone.ts';

// Without files, the weights are drawn at random: the contract is about the network, not about what it has learnt.
testBackbone(
  backbone,
  [
    { title: 'has 96 features and 12 classes', params: { crop: 32 }, width: 96, classes: 12 },
    {
      title: 'weights of another network fail',
      files: { 'other.pth': {} },
      params: { weights: 'other.pth' },
      fails: 'OOD_CHECKPOINT_MISMATCH',
    },
    { title: 'two colours are refused', params: { mean: [0, 0] }, refused: 'mean' },
  ],
  { describe, it },
);
