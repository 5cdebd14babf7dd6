import { testBackbone } from '@farout/testing';
import { describe, it } from 'vitest';
import { backbone } from '../src/my-backbone.ts';

// Without files, weights are drawn at random: the contract holds for any. That the network computes what it should is for a
// case with `images` and the `features` and `logits` that another program, such as PyTorch, makes of them.
testBackbone(
  backbone,
  [
    {
      title: 'has 96 features and 12 classes',
      params: { crop: 32 },
      width: 96,
      classes: 12,
      taps: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
      convolutions: 12,
    },
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
