import { definePlugin } from '@farout/core';
import { energy } from './energy.ts';
import { maxLogit } from './max-logit.ts';
import { msp } from './msp.ts';
import { odin } from './odin.ts';

/** The built-in scorers. */
export const scorers = definePlugin({ name: '@farout/scorers', scorers: [msp, maxLogit, energy, odin] });
