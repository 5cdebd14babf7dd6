import { testBackbone } from '@farout/testing';
import { resnet50 } from '../src/index.ts';

/** The smallest image that is still one pixel after five halvings. */
const params = { weights: 'resnet50.pth', resize: 32, crop: 32 };

testBackbone(resnet50, [
  {
    title: 'has 2048 features, and the classes of its checkpoint',
    params,
    width: 2048,
    classes: 10,
    taps: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
    convolutions: 53,
  },
  {
    title: 'the checkpoint of another network fails',
    params,
    files: { 'resnet50.pth': {} },
    fails: 'OOD_CHECKPOINT_MISMATCH',
  },
  { title: 'no weights are refused', params: {}, refused: 'weights' },
  { title: 'a standard deviation of 0 is refused', params: { ...params, std: [0, 1, 1] }, refused: 'std' },
]);
