import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  manifestsFor,
  manifestsAround,
  planPull,
  pull,
  readManifest,
  type Manifest,
  type PullStep,
} from '@farout/acquire';
import { didYouMean, FaroutError, FaroutErrors, type Logger, type Progress } from '@farout/core';
import { catalogueOf, loadExperiment, openDatasets, type Catalogue, type Experiment } from '@farout/runner';
import { manifestOfAddress } from './addressed.ts';
import { builtIns } from './built-ins.ts';
import { userFolder } from './invocation.ts';
import { notPulled } from './not-pulled.ts';
import { catalogueWith } from './parts.ts';

/** What names and experiments are looked up with. */
interface Named {
  readonly set: string[];
  /** Plugins that bring manifests, for those who pull by name. */
  readonly plugin?: string[];
}

/** What gets what is missing. */
interface PullSurroundings extends Named {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly progress: Progress;
}

/** Gets what these names and experiments need and this machine lacks. */
export async function pullFor(
  what: readonly string[],
  { set, plugin = [], ...options }: PullSurroundings,
): Promise<readonly PullStep[]> {
  const { manifests, left } = await manifestsOf(what, { set, plugin });
  const done = await pull(manifests, { ...options, env: process.env });
  FaroutErrors.throwIfAny(left);
  return done;
}

/** What can be pulled, and what is missing besides and nothing here gives. */
interface Lacked {
  readonly manifests: readonly Manifest[];
  readonly left: readonly FaroutError[];
}

/**
 * The manifests of names, and of all that experiments lack.
 *
 * @throws FaroutError OOD_UNKNOWN_MANIFEST; or what is wrong with an experiment besides.
 */
export async function manifestsOf(what: readonly string[], { set, plugin = [] }: Named): Promise<Lacked> {
  const here = await manifestsIn(userFolder(), await catalogueWith(plugin));
  const found = new Map<string, Manifest>();
  const left: FaroutError[] = [];
  for (const each of what) {
    const named = here.get(each);
    const isFile = /\.ya?ml$/.test(each) || existsSync(path.resolve(userFolder(), each));
    if (!named && !isFile) throw unknown(each, [...here.keys()]);
    const lacked: Lacked = named ? { manifests: [named], left: [] } : await lackedBy(each, set);
    // What a name and an experiment both ask for is pulled once.
    for (const manifest of lacked.manifests) found.set(path.join(manifest.folder, manifest.name), manifest);
    left.push(...lacked.left);
  }
  return { manifests: [...found.values()], left };
}

/** The manifests around a folder, and those that plugins bring, by name; the nearest wins. */
async function manifestsIn(folder: string, { manifests }: Catalogue): Promise<ReadonlyMap<string, Manifest>> {
  const brought = await Promise.all([...manifests.values()].map(readManifest));
  const named = brought.filter((manifest) => manifest !== undefined).map((each) => [each.name, each] as const);
  return new Map([...named, ...(await manifestsAround(folder))]);
}

const unknown = (name: string, names: readonly string[]) =>
  new FaroutError('OOD_UNKNOWN_MANIFEST', `there is no source for "${name}" here`, {
    fix: didYouMean(name, names) ?? `Add "source:" to datasets/${name}.yaml, in or above this folder.`,
    ...(names.length > 0 && { choices: { title: 'Available', names } }),
  });

async function lackedBy(file: string, set: string[]): Promise<Lacked> {
  try {
    await openAll(await loadExperiment(requestFor(file, set)));
    return { manifests: [], left: [] };
  } catch (error) {
    const { manifests, others } = await sorted(error, file, set);
    if (manifests.length === 0 || others.some(({ missing }) => missing === undefined)) FaroutErrors.throwIfAny(others);
    return { manifests, left: others };
  }
}

const requestFor = (file: string, set: string[]) => ({ file, set, cwd: userFolder(), env: process.env, builtIns });

/** Opens each dataset: of some, only this tells that files are missing. */
async function openAll(experiment: Experiment): Promise<void> {
  const errors: FaroutError[] = [];
  for (const each of experiment.datasets)
    await openDatasets({ ...experiment, datasets: new Map([each]) }).catch((error: unknown) => {
      if (!(error instanceof FaroutError)) throw error;
      errors.push(error);
    });
  FaroutErrors.throwIfAny(errors);
}

/** What is missing and can be had, by its manifests, and all other errors. */
async function sorted(
  error: unknown,
  file: string,
  set: string[],
): Promise<{ manifests: Manifest[]; others: FaroutError[] }> {
  const errors = error instanceof FaroutErrors ? error.errors : error instanceof FaroutError ? [error] : undefined;
  if (!errors) throw error;
  const folder = path.dirname(path.resolve(userFolder(), file));
  const known = await manifestsIn(folder, await catalogueOf(requestFor(file, set)));
  const manifests = new Set<Manifest>();
  const others: FaroutError[] = [];
  for (const each of errors) {
    const found = foundFor(each, known.values());
    const lacking = await lackingOf(found.filter(isNamedIn(each.place?.text)));
    for (const manifest of lacking) manifests.add(manifest);
    if (lacking.length === 0) others.push(each);
  }
  return { manifests: [...manifests], others };
}

/** The manifests that give what an error says is missing; one made of its address, where it has one. */
function foundFor({ missing, address }: FaroutError, known: Iterable<Manifest>): readonly Manifest[] {
  if (missing === undefined) return [];
  return address === undefined ? manifestsFor(missing, known) : [manifestOfAddress(missing, address)];
}

/** Of all sets that lie in one folder those that a text defines: `openood-imagenet` where it has a key `imagenet` or `imagenet-test`. */
const isNamedIn =
  (text = '') =>
  ({ name }: Manifest, _: number, all: readonly Manifest[]): boolean =>
    all.length === 1 || new RegExp(`^\\s*${name.replace(/^openood-/, '')}(-[a-z]+)?\\s*:`, 'm').test(text);

/** Those of which something can be pulled: what has been, and lacks a file all the same, is another fault. */
async function lackingOf(manifests: readonly Manifest[]): Promise<Manifest[]> {
  const steps = await planPull(manifests);
  return manifests.filter((manifest) => steps.some((step) => step.manifest === manifest && step.state !== 'there'));
}

/** Does what loads an experiment; where it only lacks what can be had, the error says so on one screen, and which command gets it. */
export async function namingWhatToPull<T>(file: string, set: string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isMissing = error instanceof FaroutErrors || (error instanceof FaroutError && error.missing !== undefined);
    if (!isMissing) throw error;
    // A manifest that is malformed must not hide what is wrong with the experiment; pull names it.
    const { manifests, others } = await sorted(error, file, set).catch(() => ({ manifests: [], others: [] }));
    if (manifests.length === 0) throw error;
    const all = [...others, await notPulled(file, manifests)];
    throw all.length === 1 ? all[0]! : new FaroutErrors(all);
  }
}

/** Does a command; while it does, nothing is asked over the network if it is told so. Other processes that it starts inherit that. */
export async function asking<T>({ offline }: { readonly offline: boolean }, work: () => Promise<T>): Promise<T> {
  const { FAROUT_OFFLINE: before } = process.env;
  if (offline) process.env.FAROUT_OFFLINE = '1';
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.FAROUT_OFFLINE;
    else process.env.FAROUT_OFFLINE = before;
  }
}
