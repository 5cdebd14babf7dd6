import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  manifestsFor,
  manifestsAround,
  planPull,
  pull,
  sizeInWords,
  type Manifest,
  type PullStep,
} from '@farout/acquire';
import { didYouMean, FaroutError, FaroutErrors, type Logger, type Progress } from '@farout/core';
import { loadExperiment, openDatasets, type Experiment } from '@farout/runner';
import { manifestOfAddress } from './addressed.ts';
import { builtIns } from './built-ins.ts';
import { invocation, userFolder, word } from './invocation.ts';

/** What gets what is missing. */
interface PullSurroundings {
  readonly set: string[];
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly progress: Progress;
}

/** Gets what these names and experiments need and this machine lacks. */
export async function pullFor(
  what: readonly string[],
  { set, ...options }: PullSurroundings,
): Promise<readonly PullStep[]> {
  const { manifests, left } = await manifestsOf(what, set);
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
export async function manifestsOf(what: readonly string[], set: string[]): Promise<Lacked> {
  const here = await manifestsAround(userFolder());
  const found = new Set<Manifest>();
  const left: FaroutError[] = [];
  for (const each of what) {
    if (/\.ya?ml$/.test(each) || existsSync(path.resolve(userFolder(), each))) {
      const lacked = await lackedBy(each, set);
      for (const manifest of lacked.manifests) found.add(manifest);
      left.push(...lacked.left);
    } else {
      const manifest = here.get(each);
      if (!manifest) throw unknown(each, [...here.keys()]);
      found.add(manifest);
    }
  }
  return { manifests: [...found], left };
}

const unknown = (name: string, names: readonly string[]) =>
  new FaroutError('OOD_UNKNOWN_MANIFEST', `nothing here says where "${name}" comes from`, {
    fix: didYouMean(name, names) ?? `Write "source:" into datasets/${name}.yaml, beside or above this folder.`,
    ...(names.length > 0 && { choices: { title: 'To be had here', names } }),
  });

async function lackedBy(file: string, set: string[]): Promise<Lacked> {
  try {
    await openAll(await loadExperiment({ file, set, cwd: userFolder(), env: process.env, builtIns }));
    return { manifests: [], left: [] };
  } catch (error) {
    const { manifests, others } = await sorted(error, file);
    if (manifests.length === 0 || others.some(({ missing }) => missing === undefined)) FaroutErrors.throwIfAny(others);
    return { manifests, left: others };
  }
}

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
async function sorted(error: unknown, file: string): Promise<{ manifests: Manifest[]; others: FaroutError[] }> {
  const errors = error instanceof FaroutErrors ? error.errors : error instanceof FaroutError ? [error] : undefined;
  if (!errors) throw error;
  const known = await manifestsAround(path.dirname(path.resolve(userFolder(), file)));
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
export async function namingWhatToPull<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isMissing = error instanceof FaroutErrors || (error instanceof FaroutError && error.missing !== undefined);
    if (!isMissing) throw error;
    // A manifest that is malformed must not hide what is wrong with the experiment; pull names it.
    const { manifests, others } = await sorted(error, file).catch(() => ({ manifests: [], others: [] }));
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
