import assert from 'node:assert/strict';
import type { BackboneDefinition, ImageRecipe } from '@farout/core';
import { evaluate } from '@farout/runtime';
import type { NDArray } from '@farout/tensor';
import { assertClose } from './assertions.ts';
import { imageInput, networkRounding, openNetwork, type BackboneSubject, type CaseFiles } from './backbone-subject.ts';
import { backboneChecks } from './checks/backbone.ts';
import {
  acceptedParameters,
  assertFails,
  assertRefused,
  type FailureCase,
  type Parameters,
  type RefusalCase,
} from './parameters.ts';
import type { Matrix } from './test-part.ts';
import { registerTests, testsOf, type TestFunctions } from './test-runner.ts';

/** The common part of all cases in which a network opens. */
export interface OpenedBase {
  /** A sentence that says what this case shows. */
  readonly title: string;
  readonly params?: Parameters;
  /** The names of its taps, in order; default: none. */
  readonly taps?: readonly string[];
  /** The number of named convolutions it offers; default: none. */
  readonly convolutions?: number;
  /** The files by path; by default, checkpoints that contain whatever the backbone asks for. */
  readonly files?: NonNullable<CaseFiles>;
}

/** The numbers of features D and classes K of the network. */
export interface SizesCase extends OpenedBase {
  readonly width: number;
  readonly classes: number;
}

/** Normalised images, float32 (N, 3, crop, crop), and the network's results for them. */
export interface ImagesCase extends OpenedBase {
  readonly images: NDArray;
  readonly features: Matrix;
  readonly logits: Matrix;
}

/** A network, an opening that must fail, or parameters that must be rejected. */
export type BackboneCase = SizesCase | ImagesCase | (FailureCase & OpenedBase) | RefusalCase;

/**
 * Tests a backbone: every case (features and logits to 10⁻⁵, relative above 1), and, on the network of the first case that opens one, the
 * contract: wrong and unknown parameters are rejected by name; it takes its whole checkpoint and does not change its files; it computes (N,
 * D) from N images for a head (K, D), (K); a batch gives the same as its images one by one; it can be applied and opened again; features
 * are finite and differ between images; the gradient of its logits is correct; it offers the taps and convolutions that the case lists, and
 * continues from each tap to its features.
 *
 * Registers its tests with the given `describe` and `it`, by default the global ones.
 */
export function testBackbone(
  backbone: BackboneDefinition,
  cases: readonly BackboneCase[],
  functions?: TestFunctions,
): void {
  const ofCases = cases.map((given) => ({ title: given.title, run: () => runBackboneCase(backbone, given) }));
  const opened = cases.find((given) => 'width' in given || 'images' in given);
  const usual = () => subjectOf(backbone, opened ?? {});
  registerTests(backbone.name, [...ofCases, ...testsOf(backboneChecks, usual)], functions);
}

async function runBackboneCase(definition: BackboneDefinition, given: BackboneCase): Promise<void> {
  if ('refused' in given) {
    assertRefused(definition, given);
    return;
  }
  const subject = subjectOf(definition, given);
  if ('fails' in given) return assertFails(() => prepare(subject), given.fails);
  const { features, head } = await prepare(subject);
  if ('width' in given) {
    assert.deepEqual(head.weight.shape, [given.classes, given.width], 'the classes K and features D of the head');
    return;
  }
  const logits = features.linear(head.weight, head.bias);
  const found = await evaluate({ features, logits }, { image: given.images });
  assertClose(found.features!.data, given.features.flat(), `${given.title}: features`, networkRounding);
  assertClose(found.logits!.data, given.logits.flat(), `${given.title}: logits`, networkRounding);
}

const subjectOf = (
  definition: BackboneDefinition,
  { params, files, taps = [], convolutions = 0 }: Omit<OpenedBase, 'title'>,
): BackboneSubject => ({
  definition,
  params: acceptedParameters(definition, params) as Parameters & ImageRecipe,
  files,
  taps,
  convolutions,
});

/** Opens and applies a network as the host does before a run: leftover parameters of a checkpoint are an error. */
async function prepare(subject: BackboneSubject) {
  const { features, head, states } = await openNetwork(subject);
  for (const state of states) state.finish(subject.definition.name, head.weight.shape[0] as number);
  return { features: features(imageInput(subject)), head };
}
