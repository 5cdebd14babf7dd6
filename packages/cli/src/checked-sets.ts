import { existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { givenBy, manifestsAround, manifestsFor, type Manifest } from '@farout/acquire';
import { didYouMean, FaroutError, type SourcePlace } from '@farout/core';
import { imageFolder } from '@farout/datasets';
import {
  datasetFiles,
  loadDatasetFile,
  loadExperiment,
  setsOfExperiment,
  type CheckedSet,
  type Expected,
  type Experiment,
} from '@farout/runner';
import { builtIns } from './built-ins.ts';
import { badCommand } from './errors.ts';
import { invocation, userFolder } from './invocation.ts';
import { catalogueWith } from './parts.ts';

/** What `farout data check` checks. */
export interface CheckedSets {
  readonly sets: readonly CheckedSet[];
  /** Absent if datasets were named instead. */
  readonly experiment?: Experiment;
  /** How to get a missing file or folder. */
  readonly howToGet: (missing: string, dataset: string) => string | undefined;
}

/**
 * The datasets of an experiment, or those given by name or by file (`datasets/<name>.yaml`).
 *
 * @throws FaroutError OOD_UNKNOWN_DATASET; or what is wrong with the experiment or with a dataset's file.
 */
export async function checkedSets(what: readonly string[], set: readonly string[]): Promise<CheckedSets> {
  const files = await datasetFiles(userFolder());
  const nameOf = new Map([...files].map(([name, file]) => [file, name]));
  const words = what.map((word) => nameOf.get(path.resolve(userFolder(), word)) ?? word);
  const isExperiment = (word: string) =>
    !files.has(word) && (/\.ya?ml$/.test(word) || existsSync(path.resolve(userFolder(), word)));
  const experiment = words.find(isExperiment);
  if (experiment === undefined) return namedSets(words, files);
  if (words.length > 1) throw badCommand('give either one experiment, or names of datasets');
  return setsIn(experiment, set);
}

async function setsIn(file: string, set: readonly string[]): Promise<CheckedSets> {
  const request = { file, set, cwd: userFolder(), env: process.env, builtIns, absentPaths: true };
  const experiment = await loadExperiment(request);
  const manifests = await manifestsAround(path.dirname(experiment.file));
  const published = await publishedParts(manifests);
  const sets = setsOfExperiment(experiment, (_, part) => {
    const found = published.find((each) => isSame(each.part, part));
    return found && expectedBy(found.manifest);
  });
  return { sets, experiment, howToGet: howToGet(manifests) };
}

async function namedSets(names: readonly string[], files: ReadonlyMap<string, string>): Promise<CheckedSets> {
  const manifests = await manifestsAround(userFolder());
  const catalogue = await catalogueWith([]);
  const sets: CheckedSet[] = [];
  for (const name of new Set(names)) {
    const file = files.get(name);
    if (file === undefined) throw unknown(name, [...files.keys()]);
    const manifest = manifests.get(name);
    const part =
      (await loadDatasetFile(file, { catalogue, cwd: userFolder(), env: process.env })) ??
      pulledFolder(name, manifest!);
    const { role } = manifest?.source ?? {};
    const expected = manifest && part.params.limit === undefined ? expectedBy(manifest) : undefined;
    sets.push({ name, part, roles: role && role !== 'weights' ? [role] : [], ...(expected && { expected }) });
  }
  return { sets, howToGet: howToGet(manifests) };
}

const unknown = (name: string, names: readonly string[]) =>
  new FaroutError('OOD_UNKNOWN_DATASET', `there is no file datasets/${name}.yaml in this folder or above it`, {
    fix: didYouMean(name, names) ?? 'Name an experiment, or a dataset with a file in a folder called datasets.',
    ...(names.length > 0 && { choices: { title: 'Available datasets', names } }),
  });

/** The images in the folder of a pulled manifest, if its file does not say how they are read. */
function pulledFolder(name: string, manifest: Manifest): CheckedSet['part'] {
  const place: SourcePlace = { file: path.relative(userFolder(), manifest.file), line: 1, column: 1 };
  const unpacked = manifest.source.files.find(({ unpack }) => unpack);
  if (!unpacked)
    throw new FaroutError(
      'OOD_UNKNOWN_DATASET',
      `datasets/${name}.yaml says where files come from, but not how to read them`,
      {
        place,
        fix: 'Next to "source", add what reads them, as in experiments: image-folder: { root: … }.',
      },
    );
  const params = { root: givenBy(manifest, unpacked), labels: 'none' };
  return { definition: imageFolder, params, origin: 'farout', place, placeOf: () => place };
}

/** How many images there should be, if a manifest says so. */
function expectedBy({ file, source }: Manifest): Expected | undefined {
  const images = source.images ?? source.files.find(({ unpack }) => unpack?.images)?.unpack?.images;
  if (images === undefined) return undefined;
  return { images, by: path.relative(userFolder(), file), layout: source.layout };
}

/** The manifests that state the number of images of a dataset, with the dataset they define. */
async function publishedParts(manifests: ReadonlyMap<string, Manifest>) {
  const catalogue = await catalogueWith([]);
  const all = [...manifests.values()].filter((manifest) => manifest.source.role !== 'weights' && expectedBy(manifest));
  const request = { catalogue, cwd: userFolder(), env: process.env };
  const parts = await Promise.all(
    // A manifest that cannot be read is skipped here; the error is reported where it is used.
    all.map(async ({ file }) => loadDatasetFile(file, request).catch(() => undefined)),
  );
  return all.flatMap((manifest, at) => (parts[at] ? [{ manifest, part: parts[at] }] : []));
}

/** Whether two parts read the same images, whatever their classes. */
function isSame(one: CheckedSet['part'], other: CheckedSet['part']): boolean {
  const read = ({ params }: CheckedSet['part']) =>
    Object.entries(params).filter(([name, value]) => value !== undefined && !['labels', 'classes'].includes(name));
  return (
    one.definition.name === other.definition.name &&
    isDeepStrictEqual(Object.fromEntries(read(one)), Object.fromEntries(read(other)))
  );
}

/** Several sets of a benchmark may share a folder; then the one with the dataset's name is meant. */
const howToGet = (manifests: ReadonlyMap<string, Manifest>) => (missing: string, dataset: string) => {
  const all = manifestsFor(missing, manifests.values());
  const [found] = all.length > 1 ? all.filter(({ name }) => name.endsWith(dataset)) : all;
  if (!found) return undefined;
  const command = `${invocation} pull ${found.name}`;
  return found.source.accept === 'manual'
    ? `${command} says how to get it from ${found.source.page}.`
    : `${command} gets it.`;
};
