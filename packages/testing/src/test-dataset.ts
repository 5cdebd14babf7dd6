import assert from 'node:assert/strict';
import type { DatasetDefinition } from '@farout/core';
import { datasetChecks } from './checks/dataset.ts';
import {
  acceptedParameters,
  assertFails,
  assertRefused,
  type FailureCase,
  type Parameters,
  type RefusalCase,
} from './parameters.ts';
import { registerTests, testsOf, type TestFunctions } from './test-runner.ts';

/** Parameters, and the expected ids of the images in order. */
export interface ListedCase {
  /** A sentence that says what this case shows. */
  readonly title: string;
  readonly params?: Parameters;
  readonly ids: readonly string[];
  /** The class of each image, undefined for none; not compared if absent. */
  readonly labels?: readonly (number | undefined)[];
}

/** A list, an opening that must fail, or parameters that must be rejected. */
export type DatasetCase = ListedCase | FailureCase | RefusalCase;

/**
 * Tests a dataset: every case, and, on the list of the first case with ids, the contract: wrong and unknown parameters are rejected by
 * name; there are images, each with a unique id, a class or none, and an absolute path or stable bytes; opening it again gives the same
 * list. Every image of that case is read: keep it small.
 *
 * Registers its tests with the given `describe` and `it`, by default the global ones.
 */
export function testDataset(
  dataset: DatasetDefinition,
  cases: readonly DatasetCase[],
  functions?: TestFunctions,
): void {
  const ofCases = cases.map((given) => ({ title: given.title, run: () => runDatasetCase(dataset, given) }));
  const listed = cases.find((given) => 'ids' in given);
  const usual = () => ({ definition: dataset, params: acceptedParameters(dataset, listed?.params) });
  registerTests(dataset.name, [...ofCases, ...testsOf(datasetChecks, usual)], functions);
}

async function runDatasetCase(dataset: DatasetDefinition, given: DatasetCase): Promise<void> {
  if ('refused' in given) {
    assertRefused(dataset, given);
    return;
  }
  const open = () => dataset.open(acceptedParameters(dataset, given.params));
  if ('fails' in given) return assertFails(open, given.fails);
  const { images } = await open();
  assert.deepEqual(
    images.map(({ id }) => id),
    given.ids,
  );
  if (!given.labels) return;
  assert.deepEqual(
    images.map(({ label }) => label),
    given.labels,
  );
}
