import { expect, it } from '@jest/globals';
import { fold } from '../src/terminal.ts';

it.each([
  ['textures', 'textures'],
  ['unseen-shapes', 'unseen-\nshapes'],
  ['a-b-c-d-e-f-g', 'a-b-c-d-\ne-f-g'],
  ['imagenet val v2', 'imagenet\nval v2'],
  ['near_ood', 'near_ood'],
  ['inaturalist', 'inaturalist'],
  ['-', '-'],
])('folds %j', (name, folded) => {
  expect(fold(name)).toBe(folded);
});
