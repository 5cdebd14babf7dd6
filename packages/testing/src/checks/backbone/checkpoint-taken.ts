import { openNetwork, type BackboneSubject } from '../../backbone-subject.ts';
import type { Check } from '../check.ts';

/** What is left over, missing or of another shape is the sign of another network: the host refuses it. */
export const checkpointTaken: Check<BackboneSubject> = {
  title: 'takes all parameters of its checkpoints, and no others',
  run: async (subject) => {
    const { states, head } = await openNetwork(subject);
    for (const state of states) state.finish(subject.definition.name, head.weight.shape[0] as number);
  },
};
