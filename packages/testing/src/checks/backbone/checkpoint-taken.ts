import { openNetwork, type BackboneSubject } from '../../backbone-subject.ts';
import type { Check } from '../check.ts';

/** What is left over, missing or of another shape is the sign of another network: the host refuses it. */
export const checkpointTaken: Check<BackboneSubject> = {
  title: 'takes all parameters of its checkpoints, and no others',
  run: async (subject) => {
    for (const state of (await openNetwork(subject)).states) state.finish(subject.definition.name);
  },
};
