import { definePlugin } from '@farout/core';
import { cadref } from './cadref.ts';
import { caref } from './caref.ts';
import { cop } from './cop.ts';
import { corp } from './corp.ts';
import { energy } from './energy.ts';
import { entropy } from './entropy.ts';
import { fdbd } from './fdbd.ts';
import { gen } from './gen.ts';
import { gradnorm } from './gradnorm.ts';
import { gram } from './gram.ts';
import { iOdin } from './i-odin.ts';
import { klMatching } from './kl-matching.ts';
import { knn } from './knn.ts';
import { mahalanobis } from './mahalanobis.ts';
import { mahalanobisPlusPlus } from './mahalanobis++.ts';
import { mahalanobisEnsemble } from './mahalanobis-ensemble.ts';
import { maxLogit } from './max-logit.ts';
import { mcm } from './mcm.ts';
import { msp } from './msp.ts';
import { nci } from './nci.ts';
import { neco } from './neco.ts';
import { nnguide } from './nnguide.ts';
import { odin } from './odin.ts';
import { openmax } from './openmax.ts';
import { rankfeat } from './rankfeat.ts';
import { relation } from './relation.ts';
import { residual } from './residual.ts';
import { rmds } from './rmds.ts';
import { rmdsPlusPlus } from './rmds++.ts';
import { she } from './she.ts';
import { temperatureScaling } from './temperature-scaling.ts';
import { vim } from './vim.ts';
import { vraPlusPlus } from './vra++.ts';
import { weiper } from './weiper.ts';

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
    cop,
    corp,
    fdbd,
    gram,
    knn,
    mahalanobis,
    mahalanobisPlusPlus,
    mahalanobisEnsemble,
    mcm,
    nci,
    neco,
    nnguide,
    rankfeat,
    relation,
    residual,
    rmds,
    rmdsPlusPlus,
    she,
    vim,
    vraPlusPlus,
    weiper,
  ],
});
