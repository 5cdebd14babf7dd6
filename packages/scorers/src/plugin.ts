import { definePlugin } from '@oodkit/core';
import { energy } from './energy.ts';
import { maxLogit } from './max-logit.ts';
import { msp } from './msp.ts';

/** The built-in scorers. */
export const scorers = definePlugin({ name: '@oodkit/scorers', scorers: [msp, maxLogit, energy] });
