import type { Backbone, BackboneDefinition, ImageRecipe, StateDict } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { input, type NDArray, type Tensor } from '@farout/tensor';
import { type CaseFiles, copyFiles, offerFiles } from './case-files.ts';
import type { Configured, Parameters } from './parameters.ts';

/** A backbone under test, with the parameters and files it is tested with. */
export interface BackboneSubject extends Configured {
  readonly definition: BackboneDefinition;
  readonly params: Parameters & ImageRecipe;
  readonly files: CaseFiles;
}

/** A network, and the checkpoints that it was opened from. */
export interface OpenedNetwork extends Backbone {
  readonly states: readonly StateDict[];
}

/** Opens the network; from copies of its files unless others are given. */
export async function openNetwork(
  { definition, params, files }: BackboneSubject,
  opened: CaseFiles = copyFiles(files),
): Promise<OpenedNetwork> {
  const states: StateDict[] = [];
  const { features, head } = await definition.open(
    params,
    offerFiles(opened, (state) => states.push(state)),
  );
  return { features, head, states };
}

/** The symbol of normalised images of the side that the parameters say, float32 (N, 3, crop, crop). */
export const imageInput = ({ params: { crop } }: BackboneSubject): Tensor => input('image', ['N', 3, crop, crop]);

/** What a newly opened network makes of images: features (N, D). */
export async function featuresOf(subject: BackboneSubject, images: NDArray): Promise<NDArray> {
  const { features } = await openNetwork(subject);
  return (await evaluate({ features: features(imageInput(subject)) }, { image: images })).features!;
}
