import type { BackboneSubject } from '../../backbone-subject.ts';
import { finiteOnExtremeImages } from '../backbone.ts';
import type { Check } from '../check.ts';
import { parametersClosed } from '../parameters-closed.ts';
import { parametersRefused } from '../parameters.ts';
import { appliedAgain } from './applied-again.ts';
import { batchAsImages } from './batch-as-images.ts';
import { checkpointTaken } from './checkpoint-taken.ts';
import { featureShape } from './feature-shape.ts';
import { filesUntouched } from './files-untouched.ts';
import { headShape } from './head-shape.ts';
import { imageMatters } from './image-matters.ts';
import { networkGradient } from './network-gradient.ts';
import { openedAgain } from './opened-again.ts';

/** The contract of a backbone. */
export const backboneChecks: readonly Check<BackboneSubject>[] = [
  parametersRefused,
  parametersClosed,
  checkpointTaken,
  filesUntouched,
  featureShape,
  headShape,
  imageMatters,
  batchAsImages,
  openedAgain,
  appliedAgain,
  finiteOnExtremeImages,
  networkGradient,
];
