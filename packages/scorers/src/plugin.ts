import { definePlugin } from '@farout/core';
import { cadref } from './cadref.ts';
import { caref } from './caref.ts';
import { energy } from './energy.ts';
import { entropy } from './entropy.ts';
import { fdbd } from './fdbd.ts';
import { gen } from './gen.ts';
import { gradnorm } from './gradnorm.ts';
import { iOdin } from './i-odin.ts';
import { klMatching } from './kl-matching.ts';
import { maxLogit } from './max-logit.ts';
import { mcm } from './mcm.ts';
import { msp } from './msp.ts';
import { nci } from './nci.ts';
import { odin } from './odin.ts';
import { openmax } from './openmax.ts';
import { she } from './she.ts';
import { temperatureScaling } from './temperature-scaling.ts';

/** The built-in scorers. */
export const scorers = definePlugin({
  name: '@farout/scorers',
  scorers: [
    msp,
    maxLogit,
    energy,
    entropy,
    temperatureScaling,
    gen,
    klMatching,
    openmax,
    odin,
    iOdin,
    gradnorm,
    cadref,
    caref,
    fdbd,
    mcm,
    nci,
    she,
  ],
});
