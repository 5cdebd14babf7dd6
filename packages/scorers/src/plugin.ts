import { definePlugin } from '@oodkit/core';
import { energy } from './energy.ts';
import { maxLogit } from './max-logit.ts';
import { msp } from './msp.ts';
import { odin } from './odin.ts';

/** The built-in scorers. */
export const scorers = definePlugin({ name: '@oodkit/scorers', scorers: [msp, maxLogit, energy, odin] });
