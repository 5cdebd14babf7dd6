import { existsSync } from 'node:fs';
import path from 'node:path';
import { manifestsFor, manifestsAround, pull, readManifest, type Manifest, type PullStep } from '@farout/acquire';
import { didYouMean, FaroutError, FaroutErrors, type Logger, type Progress } from '@farout/core';
import { catalogueOf, loadExperiment, type Catalogue } from '@farout/runner';
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
  return pull(await manifestsOf(what, { set, plugin }), { ...options, env: process.env });
}

/**
 * The manifests of names, and of all that experiments lack.
 *
 * @throws FaroutError OOD_UNKNOWN_MANIFEST; or what is wrong with an experiment besides.
 */
export async function manifestsOf(what: readonly string[], { set, plugin = [] }: Named): Promise<readonly Manifest[]> {
  const here = await manifestsIn(userFolder(), await catalogueWith(plugin));
  const found = new Map<string, Manifest>();
  for (const each of what) {
    const named = here.get(each);
    const isFile = /\.ya?ml$/.test(each) || existsSync(path.resolve(userFolder(), each));
    if (!named && !isFile) throw unknown(each, [...here.keys()]);
    // What a name and an experiment both ask for is pulled once.
    for (const manifest of named ? [named] : await lackedBy(each, set))
      found.set(path.join(manifest.folder, manifest.name), manifest);
  }
  return [...found.values()];
}

/** The manifests around a folder, and those that plugins bring, by name; the nearest wins. */
async function manifestsIn(folder: string, { manifests }: Catalogue): Promise<ReadonlyMap<string, Manifest>> {
  const brought = await Promise.all([...manifests.values()].map(readManifest));
  const named = brought.filter((manifest) => manifest !== undefined).map((each) => [each.name, each] as const);
  return new Map([...named, ...(await manifestsAround(folder))]);
}

const unknown = (name: string, names: readonly string[]) =>
  new FaroutError('OOD_UNKNOWN_MANIFEST', `nothing here says where "${name}" comes from`, {
    fix: didYouMean(name, names) ?? `Write "source:" into datasets/${name}.yaml, beside or above this folder.`,
    ...(names.length > 0 && { choices: { title: 'To be had here', names } }),
  });

async function lackedBy(file: string, set: string[]): Promise<readonly Manifest[]> {
  try {
    await loadExperiment(requestFor(file, set));
    return [];
  } catch (error) {
    const { manifests, others } = await sorted(error, file, set);
    FaroutErrors.throwIfAny(others);
    return manifests;
  }
}

const requestFor = (file: string, set: string[]) => ({ file, set, cwd: userFolder(), env: process.env, builtIns });

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
  const others = errors.filter(({ missing, place }) => {
    const found = missing === undefined ? [] : manifestsFor(missing, known.values()).filter(isNamedIn(place?.text));
    for (const manifest of found) manifests.add(manifest);
    return found.length === 0;
  });
  return { manifests: [...manifests], others };
}

/** Of all sets that lie in one folder those that a text defines: `openood-ninco` where it has a key `ninco`. */
const isNamedIn =
  (text = '') =>
  ({ name }: Manifest, _: number, all: readonly Manifest[]): boolean =>
    all.length === 1 || new RegExp(`^\\s*${name.replace(/^openood-/, '')}\\s*:`, 'm').test(text);

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
