import { FaroutError, FaroutErrors } from '@farout/core';
import { fitSetsOf, type Experiment } from '../experiment.ts';
import { ForeignFiles } from '../extraction/trials.ts';
import { openBackbone } from '../prepare/backbone.ts';
import { duplicateFindings, type SeenSet } from './duplicates.ts';
import {
  findingKinds,
  type CheckedSet,
  type DataVerdict,
  type Expected,
  type Finding,
  type SetRole,
  type SetSummary,
} from './findings.ts';
import { classSummary, labelFindings, type NetworkClasses } from './labels.ts';
import { openSet, type HowToGet, type OpenedSet } from './open-set.ts';
import { readableOf, readImages, withWorkers, type Surroundings } from './read-images.ts';

/** Options of a dataset check. */
export interface DataCheckOptions extends Surroundings {
  readonly howToGet: HowToGet;
}

/** The datasets of an experiment, with their roles. */
export function setsOfExperiment(
  experiment: Experiment,
  expectedOf: (name: string, part: CheckedSet['part']) => Expected | undefined,
): CheckedSet[] {
  const { id, ood, select, datasets } = experiment;
  // With `allowTestSets`, a test set may also be used for selection.
  const chooses = (names: readonly string[] = []) =>
    names.filter((name) => datasets.has(name) && !(select?.allowTestSets && [...id, ...ood].includes(name)));
  const uses: readonly (readonly [SetRole, readonly string[]])[] = [
    ['id', id],
    ['fit', fitSetsOf(experiment)],
    ['select-id', chooses(select?.id)],
    ['select-ood', chooses(select?.ood)],
    ['ood', ood],
  ];
  return [...datasets].map(([name, part]) => {
    const roles = uses.filter(([, names]) => names.includes(name)).map(([role]) => role);
    const expected = expectedOf(name, part);
    return { name, part, roles, ...(expected && { expected }) };
  });
}

/**
 * Checks every file and every image of an experiment's datasets. The network is opened to count its classes, but not run.
 *
 * @throws the signal's reason if it is aborted.
 */
export async function checkExperimentData(
  experiment: Experiment,
  sets: readonly CheckedSet[],
  options: DataCheckOptions,
): Promise<DataVerdict> {
  const classes = await classesOf(experiment);
  if (typeof classes === 'number') return checkData(sets, classes, options);
  const verdict = await checkData(sets, undefined, options);
  const note = `Labels were not compared with the network's classes: ${classes.message}.`;
  return { ...verdict, notes: [...verdict.notes, note] };
}

/** The number of the network's classes, or why it cannot be opened. */
async function classesOf(experiment: Experiment): Promise<number | FaroutError | FaroutErrors> {
  const files = new ForeignFiles();
  try {
    return (await openBackbone(experiment, files)).classes;
  } catch (error) {
    if (error instanceof FaroutError || error instanceof FaroutErrors) return error;
    throw error;
  } finally {
    await files.close();
  }
}

/** Checks every file and every image of datasets. `classes`: the number of the network's classes, if there is a network. */
export async function checkData(
  sets: readonly CheckedSet[],
  classes: number | undefined,
  { howToGet, ...surroundings }: DataCheckOptions,
): Promise<DataVerdict> {
  const found: (readonly Finding[])[] = [];
  const opened: OpenedSet[] = [];
  for (const set of sets) {
    const each = await openSet(set, howToGet);
    opened.push(each.opened);
    found.push(each.findings);
  }
  const names = opened.find(({ classes: called, roles }) => called && !roles.includes('ood'))?.classes;
  const network: NetworkClasses | undefined = classes === undefined ? undefined : { count: classes, names };
  const seen = await readAll(opened, surroundings);
  found.push(...opened.map((set) => labelFindings(set, network)), ...seen.map((set) => set.seen.findings));
  found.push(await duplicateFindings(seen, surroundings));
  const findings = inOrder(found.flat(), sets);
  const expected = new Map(sets.map((set) => [set.name, set.expected?.images ?? null]));
  const summaries = opened.map((set, at) => [
    set.name,
    summaryOf(set, { ...seen[at]!, expected: expected.get(set.name) ?? null, findings }),
  ]);
  return {
    schemaVersion: 1,
    ok: findings.every(({ severity }) => severity !== 'error'),
    classes: classes ?? null,
    datasets: Object.fromEntries(summaries) as DataVerdict['datasets'],
    findings,
    notes: [],
  };
}

/** Reads the images of all datasets, one dataset after another. */
function readAll(sets: readonly OpenedSet[], surroundings: Surroundings): Promise<readonly SeenSet[]> {
  const images = sets.reduce((sum, set) => sum + readableOf(set.images).length, 0);
  return withWorkers(images, surroundings.signal, async (workers) => {
    const seen: SeenSet[] = [];
    for (const set of sets) {
      const { name, roles } = set;
      seen.push({ name, roles, seen: await readImages(set, { ...surroundings, workers }) });
    }
    return seen;
  });
}

function summaryOf(
  { name, roles, images, listing }: OpenedSet,
  { seen, expected, findings }: SeenSet & { readonly expected: number | null; readonly findings: readonly Finding[] },
): SetSummary {
  const own = findings.filter(({ dataset }) => dataset === name);
  const errors = own.filter(({ severity }) => severity === 'error').length;
  return {
    roles,
    images: images.length,
    listed: listing.length,
    expected,
    unreadable: seen.findings.length,
    blank: seen.blank,
    labelled: images.filter(({ label }) => label !== undefined).length,
    classes: classSummary(images),
    errors,
    warnings: own.length - errors,
  };
}

/** Ordered by set, errors before warnings, then by kind. */
function inOrder(findings: readonly Finding[], sets: readonly CheckedSet[]): Finding[] {
  const setNames = sets.map(({ name }) => name);
  const rank = ({ dataset, severity, kind }: Finding) =>
    (setNames.indexOf(dataset) * 2 + (severity === 'error' ? 0 : 1)) * findingKinds.length + findingKinds.indexOf(kind);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}
