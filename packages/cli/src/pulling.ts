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

/** Context for looking up names and experiments. */
interface Named {
  readonly set: string[];
  /** Plugins that provide manifests, for pulling by name. */
  readonly plugin?: string[];
}

/** Context for pulling. */
interface PullSurroundings extends Named {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly progress: Progress;
}

/** Pulls what these names and experiments need and this machine lacks. */
export async function pullFor(
  what: readonly string[],
  { set, plugin = [], ...options }: PullSurroundings,
): Promise<readonly PullStep[]> {
  const { manifests, left } = await manifestsOf(what, { set, plugin });
  const done = await pull(manifests, { ...options, env: process.env });
  FaroutErrors.throwIfAny(left);
  return done;
}

/** What can be pulled, and errors about what is missing but cannot be pulled. */
interface Lacked {
  readonly manifests: readonly Manifest[];
  readonly left: readonly FaroutError[];
}

/**
 * The manifests of the given names, and of everything that the given experiments lack.
 *
 * @throws FaroutError OOD_UNKNOWN_MANIFEST; or other errors of an experiment.
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
    // What a name and an experiment both need is pulled once.
    for (const manifest of lacked.manifests) found.set(path.join(manifest.folder, manifest.name), manifest);
    left.push(...lacked.left);
  }
  return { manifests: [...found.values()], left };
}

/** The manifests around a folder and those of plugins, by name; the nearest one wins. */
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

/** Opens each dataset: for some, only this shows that files are missing. */
async function openAll(experiment: Experiment): Promise<void> {
  const errors: FaroutError[] = [];
  for (const each of experiment.datasets)
    await openDatasets({ ...experiment, datasets: new Map([each]) }).catch((error: unknown) => {
      if (!(error instanceof FaroutError)) throw error;
      errors.push(error);
    });
  FaroutErrors.throwIfAny(errors);
}

/** Separates what is missing and can be pulled, by its manifests, from all other errors. */
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

/** The manifests that provide what an error says is missing. For a missing address, a manifest is made from it. */
function foundFor({ missing, address }: FaroutError, known: Iterable<Manifest>): readonly Manifest[] {
  if (missing === undefined) return [];
  return address === undefined ? manifestsFor(missing, known) : [manifestOfAddress(missing, address)];
}

/** Of several sets in one folder, those that a text defines: `openood-imagenet` if it has a key `imagenet` or `imagenet-test`. */
const isNamedIn =
  (text = '') =>
  ({ name }: Manifest, _: number, all: readonly Manifest[]): boolean =>
    all.length === 1 || new RegExp(`^\\s*${name.replace(/^openood-/, '')}(-[a-z]+)?\\s*:`, 'm').test(text);

/**
 * The manifests of which something can be pulled. If a manifest is already pulled and a file is still missing, that is another error.
 */
async function lackingOf(manifests: readonly Manifest[]): Promise<Manifest[]> {
  const steps = await planPull(manifests);
  return manifests.filter((manifest) => steps.some((step) => step.manifest === manifest && step.state !== 'there'));
}

/**
 * Runs `work`, which loads an experiment. If only files that can be pulled are missing, the error lists them on one
 * screen with the command that gets them.
 */
export async function namingWhatToPull<T>(file: string, set: string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isMissing = error instanceof FaroutErrors || (error instanceof FaroutError && error.missing !== undefined);
    if (!isMissing) throw error;
    // A malformed manifest must not hide what is wrong with the experiment; pull reports it.
    const { manifests, others } = await sorted(error, file, set).catch(() => ({ manifests: [], others: [] }));
    if (manifests.length === 0) throw error;
    const all = [...others, await notPulled(file, manifests)];
    throw all.length === 1 ? all[0]! : new FaroutErrors(all);
  }
}

/** Runs `work`. With `offline`, no network request is made meanwhile, including by processes it starts. */
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
