import { testBackbone } from '@farout/testing';
import { resnet18 } from '../src/index.ts';

/** The smallest image that is still one pixel after five halvings. */
const params = { weights: 'resnet18.pth', resize: 32, crop: 32 };

testBackbone(resnet18, [
  {
    title: 'has 512 features, and the classes of its checkpoint',
    params,
    width: 512,
    classes: 10,
    taps: ['stem', 'layer1', 'layer2', 'layer3', 'layer4'],
    convolutions: 20,
  },
  {
    title: 'the checkpoint of another network fails',
    params,
    files: { 'resnet18.pth': {} },
    fails: 'OOD_CHECKPOINT_MISMATCH',
  },
  { title: 'no weights are refused', params: {}, refused: 'weights' },
  { title: 'a standard deviation of 0 is refused', params: { ...params, std: [0, 1, 1] }, refused: 'std' },
]);
