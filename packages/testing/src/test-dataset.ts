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

/** Parameters in, the ids of the images in their order out. */
export interface ListedCase {
  /** A sentence: what this case shows. */
  readonly title: string;
  readonly params?: Parameters;
  readonly ids: readonly string[];
  /** The class of each image, undefined for none; not compared where it is absent. */
  readonly labels?: readonly (number | undefined)[];
}

/** A list, an opening that must fail, or parameters that must be refused. */
export type DatasetCase = ListedCase | FailureCase | RefusalCase;

/**
 * Tests a dataset: every case, and, on what the first case with ids lists, the contract: wrong and unknown parameters are
 * refused by name; there are images, each with an id of its own, a class or none, and an absolute path or bytes that stay
 * the same; opening it again lists the same. Every image of that case is read: keep it small.
 *
 * Registers its tests with the global `describe` and `it`, or with those given.
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
