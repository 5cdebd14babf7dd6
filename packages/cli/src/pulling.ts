import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  manifestsFor,
  manifestsAround,
  planPull,
  pull,
  readManifest,
  sizeInWords,
  type Manifest,
  type PullStep,
} from '@farout/acquire';
import { didYouMean, FaroutError, FaroutErrors, type Logger, type Progress } from '@farout/core';
import { catalogueOf, loadExperiment, type Catalogue } from '@farout/runner';
import { builtIns } from './built-ins.ts';
import { invocation, userFolder, word } from './invocation.ts';
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
  const found = new Set<Manifest>();
  for (const each of what) {
    if (/\.ya?ml$/.test(each) || existsSync(path.resolve(userFolder(), each))) {
      for (const manifest of await lackedBy(each, set)) found.add(manifest);
    } else {
      const manifest = here.get(each);
      if (!manifest) throw unknown(each, [...here.keys()]);
      found.add(manifest);
    }
  }
  return [...found];
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

async function notPulled(file: string, manifests: readonly Manifest[]): Promise<FaroutError> {
  const steps = await planPull(manifests);
  const lines = steps.filter(({ state }) => state !== 'there').map(line);
  const byHand = steps.filter(({ state }) => state === 'by hand').map(placed);
  const what = manifests.length === 1 ? 'one thing' : `${manifests.length} things`;
  const command = `${invocation} pull ${word(file)}`;
  const getting = byHand.length === steps.length ? 'unpacks them' : 'gets all but what is to be placed by hand';
  return new FaroutError(
    'OOD_NOT_PULLED',
    [`${what} that ${file} needs ${manifests.length === 1 ? 'is' : 'are'} not on this machine:`, ...lines].join('\n'),
    {
      fix: [...byHand, `${command} ${byHand.length > 0 ? getting : 'gets them'}; --dry-run says from where.`].join(
        '\n',
      ),
    },
  );
}

const line = ({ manifest, file, state }: PullStep): string => {
  const size = file.size === undefined ? 'size not published' : sizeInWords(file.size);
  const words = state === 'by hand' ? 'to be placed by hand' : state === 'unpack' ? 'to be unpacked' : size;
  return `  ${manifest.name.padEnd(20)} ${words}; ${manifest.source.license.split(';')[0]!}`;
};

const placed = ({ manifest, file }: PullStep): string =>
  `Accept the terms at ${manifest.source.page}, and place ${path.basename(file.path)} in ${path.dirname(path.join(path.dirname(manifest.file), file.path))}.`;
