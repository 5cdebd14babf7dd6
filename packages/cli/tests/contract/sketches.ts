// Six detectors of the literature as a plugin of others would bring them: they prove that the contract carries them.
import { definePlugin } from '@farout/core';
import { adascale } from './sketches/adascale.ts';
import { davis } from './sketches/davis.ts';
import { gram } from './sketches/gram.ts';
import { line } from './sketches/line.ts';
import { mahalanobis } from './sketches/mahalanobis.ts';
import { rankfeat } from './sketches/rankfeat.ts';

export default definePlugin({
  name: 'sketches',
  hooks: [davis, adascale, line],
  scorers: [rankfeat, gram, mahalanobis],
});
