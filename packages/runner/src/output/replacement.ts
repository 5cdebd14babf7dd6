import { randomUUID } from 'node:crypto';
import { copyFile, link, lstat, mkdir, readdir, readFile, rename, rmdir, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FaroutError, z } from '@farout/core';
import { leftBehind, makeFolder } from '../store/store.ts';
import { hashIn, resultsFile, unlessAbsent } from './manifest.ts';

/**
 * A replacement of a run's files, as a folder within the run folder. It is called `.farout-<uuid>` while the new
 * files are written into it, and `.farout-replacing` while they are moved into place; only one process at a time can
 * have that name. If the process is killed, the folder contains what is needed to restore the former run:
 * `plan.json`, and the replaced files in `former`.
 */
const inPlace = '.farout-replacing';
const beside = /^\.farout-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether an entry of a run folder is a replacement in progress, or the remains of one whose process was killed. */
export const isReplacement = (name: string): boolean => name === inPlace || beside.test(name);

const planSchema = z.object({
  /** The new files except results.json. */
  files: z.record(z.string(), z.string()),
  /** SHA-256 of the new results.json. */
  results: z.string(),
  /** The files of the former run that are removed or replaced. */
  former: z.record(z.string(), z.string()),
});

/** What will happen to a run's files. */
export type Plan = z.output<typeof planSchema>;

const ownerSchema = z.object({
  host: z.string(),
  pid: z.number(),
  id: z.string(),
  /** The files written into it. */
  files: z.array(z.string()),
});
type Owner = z.output<typeof ownerSchema>;

/** A replacement begun by this process. */
export interface Replacement {
  readonly id: string;
  /** Its folder, before it is renamed. */
  readonly at: string;
}

/** This process's replacements in progress. */
const mine = new Set<string>();

/** A process that holds the name for longer is considered dead: only renaming happens then. In milliseconds. */
const longest = 600_000;
const day = 86_400_000;
/** How long to wait for another process, in milliseconds. */
const patience = 60_000;

/** Begins a replacement with files of these names. Must be followed by `endReplacement`. */
export async function beginReplacement(folder: string, files: readonly string[]): Promise<Replacement> {
  const at = path.join(folder, `.farout-${randomUUID()}`);
  const owner = newOwner([...files]);
  try {
    await mkdir(at);
    await writeFile(path.join(at, 'owner.json'), JSON.stringify(owner), { flag: 'wx' });
    return { at, id: owner.id };
  } catch (error) {
    await endReplacement(folder, { at, id: owner.id });
    throw error;
  }
}

function newOwner(files: string[] = []): Owner {
  const id = randomUUID();
  mine.add(id);
  return { host: hostname(), pid: process.pid, id, files };
}

/** Files may change only after the plan is written; an incomplete plan means that none has changed. */
export const writePlan = (at: string, plan: Plan): Promise<void> =>
  writeFile(path.join(at, 'plan.json'), JSON.stringify(plan), { flush: true });

/** Where a replacement keeps a new file, or one of the former run. */
export const kept = (at: string, which: 'new' | 'former', file: string): string =>
  path.join(at, which, ...file.split('/'));

/** Renames a replacement to the name of the active one, as soon as no other has it. */
export async function enter(folder: string, { at }: Replacement): Promise<string> {
  const entered = path.join(folder, inPlace);
  const until = Date.now() + patience;
  for (;;) {
    await settle(folder, until);
    if (await isRenamed(at, entered, until)) return entered;
    await setTimeout(20);
  }
}

/** Renames a folder. False while another has the name, or while a file in it is open on systems where that matters. */
async function isRenamed(from: string, to: string, until: number): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (Date.now() > until || !isTaken(error)) throw error;
    return false;
  }
}

const isTaken = (error: unknown) =>
  ['EEXIST', 'ENOTEMPTY', ...(process.platform === 'win32' ? ['EPERM', 'EACCES'] : [])].includes(codeOf(error));

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);

/**
 * Waits until no other process replaces files in a folder, and restores the former run if a process was killed while replacing it.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED if it takes too long, or if the files cannot be restored.
 */
export async function settle(folder: string, until = Date.now() + patience): Promise<void> {
  const at = path.join(folder, inPlace);
  for (;;) {
    const owner = await ownerOf(at);
    if (!owner) return;
    const id = isGone(owner) ? await claim(at, owner) : undefined;
    if (id !== undefined) {
      try {
        await putBack(folder, at);
        await leave(folder, at, until);
      } finally {
        mine.delete(id);
      }
    } else if (Date.now() > until) {
      throw new FaroutError('OOD_OUTPUT_FAILED', `another run is being written to ${folder}`, {
        fix: `Wait for it, or choose another folder with --out. If no other run is active, delete ${at}.`,
      });
    } else {
      await setTimeout(20);
    }
  }
}

interface Holder extends Owner {
  /** How many processes have taken it over. */
  readonly claims: number;
  readonly first: string;
  /** Its age in milliseconds. */
  readonly age: number;
}

/** The holder of a replacement: the process that began it, or the last one that took it over to restore the former run. */
async function ownerOf(at: string): Promise<Holder | undefined> {
  for (let tries = 1; ; tries++) {
    const names = await readdir(at).catch(unlessAbsent);
    if (!names) return undefined;
    const claims = names.filter((name) => name.startsWith('claim-')).length;
    try {
      const first = await readOwner(at, 'owner.json');
      const last = claims === 0 ? first : await readOwner(at, `claim-${claims}.json`);
      const { mtimeMs } = await lstat(at);
      return { ...last, files: first.files, claims, first: first.id, age: Date.now() - mtimeMs };
    } catch (cause) {
      // By now another replacement may have the name.
      if (tries === mostTries) throw unknown(at, cause);
      await setTimeout(20);
    }
  }
}

const mostTries = 20;

const unknown = (at: string, cause: unknown) =>
  new FaroutError('OOD_OUTPUT_FAILED', `${at} cannot be read: ${(cause as Error).message}`, {
    fix: 'If no run is being written there, delete it.',
    cause,
  });

const readOwner = async (at: string, file: string): Promise<Owner> =>
  ownerSchema.parse(JSON.parse(await readFile(path.join(at, file), 'utf8')));

function isGone({ host, pid, id, age }: Holder, after = longest): boolean {
  if (host === hostname() && pid === process.pid) return !mine.has(id);
  return age > after || (host === hostname() && !isRunning(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Takes over the replacement of a dead process. Undefined if another process was faster. */
async function claim(at: string, { claims, first }: Holder): Promise<string | undefined> {
  const owner = newOwner();
  const file = path.join(at, `claim-${claims + 1}.json`);
  try {
    await writeFile(file, JSON.stringify(owner), { flag: 'wx' });
    if ((await readOwner(at, 'owner.json')).id === first) return owner.id;
    // By now another replacement has the name.
    await leftBehind(unlink(file));
  } catch (error) {
    if (!['EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
  }
  mine.delete(owner.id);
  return undefined;
}

/** Keeps a copy of a file of the former run before it is replaced. */
export async function keepFormer(folder: string, at: string, file: string): Promise<void> {
  const [from, to] = [path.join(folder, ...file.split('/')), kept(at, 'former', file)];
  await makeFolder(path.dirname(to));
  // Not every file system supports links.
  await link(from, to).catch(() => copyFile(from, to));
}

/** Restores the former run, unless the new one is complete (its results.json comes last). Idempotent. */
export async function putBack(folder: string, at: string): Promise<void> {
  const plan = await readPlan(at);
  if (!plan || (await hashIn(folder, resultsFile)) === plan.results) return;
  const place = (file: string) => path.join(folder, ...file.split('/'));
  for (const [file, hash] of Object.entries(plan.former)) {
    if ((await hashIn(folder, file)) === hash || (await hashIn(at, `former/${file}`)) !== hash) continue;
    await makeFolder(path.dirname(place(file)));
    await rename(kept(at, 'former', file), place(file)).catch(() => copyFile(kept(at, 'former', file), place(file)));
  }
  for (const [file, hash] of Object.entries(plan.files)) {
    if (plan.former[file] === hash || (await hashIn(folder, file)) !== hash) continue;
    await unlink(place(file));
    await leftBehind(removeEmptyAbove(folder, file));
  }
}

async function readPlan(at: string): Promise<Plan | undefined> {
  const text = await readFile(path.join(at, 'plan.json'), 'utf8').catch(unlessAbsent);
  try {
    return text === undefined ? undefined : planSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Removes folders that become empty when a file of the run is removed. */
export async function removeEmptyAbove(folder: string, file: string): Promise<void> {
  for (let above = path.posix.dirname(file); above !== '.'; above = path.posix.dirname(above)) {
    await rmdir(path.join(folder, ...above.split('/')));
  }
}

/**
 * Ends a replacement that this process has begun, whether or not it was carried out. If its files could not be
 * restored, the folder stays and the next run restores them.
 */
export async function endReplacement(folder: string, { at, id }: Replacement, isDone = true): Promise<void> {
  const entered = path.join(folder, inPlace);
  const holder = await ownerOf(entered).catch(() => undefined);
  if (holder?.first !== id) await removeReplacement(at);
  // If removing it fails, no harm is done: a later run tries again.
  else if (isDone) await leftBehind(leave(folder, entered));
  // From now on another run of this process may restore what is left.
  mine.delete(id);
}

/** Frees the name, then removes the folder that had it. Throws the system's error if the name cannot be freed. */
async function leave(folder: string, entered: string, until = Date.now()): Promise<void> {
  const at = path.join(folder, `.farout-${randomUUID()}`);
  while (!(await isRenamed(entered, at, until))) await setTimeout(20);
  await removeReplacement(at);
}

/** Removes what killed processes have left in a folder. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!beside.test(name)) continue;
    const at = path.join(folder, name);
    const owner = await ownerOf(at).catch(() => undefined);
    const { mtimeMs } = await lstat(at).catch(() => ({ mtimeMs: Infinity }));
    if (owner ? isGone(owner, day) : Date.now() - mtimeMs > day) await removeReplacement(at);
  }
}

/** Removes a replacement, but only farout's own files in it. */
async function removeReplacement(at: string): Promise<void> {
  const owner = await ownerOf(at).catch(() => undefined);
  const plan = await readPlan(at).catch(() => undefined);
  const names = [resultsFile, ...(owner?.files ?? []), ...Object.keys({ ...plan?.files, ...plan?.former })];
  for (const file of names.flatMap((name) => [`new/${name}`, `former/${name}`])) {
    await leftBehind(unlink(path.join(at, ...file.split('/'))));
    await leftBehind(removeEmptyAbove(at, file));
  }
  const claims = Array.from({ length: owner?.claims ?? 0 }, (_, index) => `claim-${index + 1}.json`);
  for (const file of ['plan.json', 'owner.json', ...claims]) await leftBehind(unlink(path.join(at, file)));
  await leftBehind(rmdir(at));
}
