import { testBackbone } from '@farout/testing';
import { mobilenetV2 } from '../src/index.ts';

/** The smallest image that is still one pixel after five halvings. */
const params = { weights: 'mobilenet-v2.pth', resize: 32, crop: 32 };

testBackbone(mobilenetV2, [
  {
    title: 'has 1280 features, and the classes of its checkpoint',
    params,
    width: 1280,
    classes: 10,
    taps: ['stem', 'stage1', 'stage2', 'stage3', 'stage4', 'stage5', 'stage6', 'stage7', 'last'],
    convolutions: 52,
  },
  {
    title: 'the checkpoint of another network fails',
    params,
    files: { 'mobilenet-v2.pth': {} },
    fails: 'OOD_CHECKPOINT_MISMATCH',
  },
  { title: 'no weights are refused', params: {}, refused: 'weights' },
  { title: 'a standard deviation of 0 is refused', params: { ...params, std: [0, 1, 1] }, refused: 'std' },
]);
