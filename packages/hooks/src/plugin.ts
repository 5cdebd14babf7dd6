import { definePlugin } from '@farout/core';
import { adascaleA } from './adascale-a.ts';
import { adascaleL } from './adascale-l.ts';
import { ashB } from './ash-b.ts';
import { ashP } from './ash-p.ts';
import { ashS } from './ash-s.ts';
import { bats } from './bats.ts';
import { davis } from './davis.ts';
import { ddcs } from './ddcs.ts';
import { dice } from './dice.ts';
import { line } from './line.ts';
import { lts } from './lts.ts';
import { optfs } from './optfs.ts';
import { react } from './react.ts';
import { scale } from './scale.ts';
import { vraP } from './vra-p.ts';

/** The built-in hooks. */
export const hooks = definePlugin({
  name: '@farout/hooks',
  hooks: [react, adascaleA, adascaleL, ashB, ashP, ashS, bats, davis, ddcs, dice, line, lts, optfs, scale, vraP],
});
