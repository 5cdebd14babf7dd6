import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FaroutError, runFiles, type RunResults } from '@farout/core';
import { storeKinds } from '../store/groups.ts';
import { leftBehind, makeFolder } from '../store/store.ts';
import {
  isInside,
  json,
  readManifest,
  refuseForeign,
  resultsFile,
  sealed,
  type Hashes,
  type Manifest,
} from './manifest.ts';
import { removeFolders, replaceFiles, type RunFile } from './replace-files.ts';
import { isReplacement, settle } from './replacement.ts';

/**
 * Where a run is written: what the user names, else `runs/<the experiment's name>`; absolute.
 *
 * @throws FaroutError OOD_BAD_COMMAND when the name cannot be a folder's; it is not bent, lest two experiments share one.
 */
export function runFolder(userFolder: string, name: string, out: string | undefined): string {
  if (out !== undefined) return path.resolve(userFolder, out);
  if (notAName.test(name) || Buffer.byteLength(name) > longest) {
    throw new FaroutError(
      'OOD_BAD_COMMAND',
      `the experiment's name "${name}" cannot be used as the name of a run folder`,
      {
        fix: 'Choose the run folder with --out <folder>, or choose another name.',
      },
    );
  }
  return path.join(userFolder, 'runs', name);
}

/** What some file system takes for something other than a name, or does not take at all. */
const notAName = /[/\\:*?"<>|\p{Cc}]|^$|[. ]$/u;
/** Bytes of a name in the usual file systems. */
const longest = 255;

/** What the run's report is drawn from. */
export const reportDataFile = runFiles.reportData;

/** Every image's scores. */
export const scoresFile = runFiles.scores;

/** A run folder that may be written. */
interface OpenedFolder {
  /** Its absolute path, of a link the folder that it leads to. */
  readonly folder: string;
  /** The run that is there. */
  readonly former: Manifest | undefined;
}

/**
 * Looks, before any work, whether a run can be written into a folder: it is not there, empty, or a run folder of farout's, in
 * which nothing else has the name of one of the files to come; and it can be written. What a killed process was about to
 * replace is put back.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED.
 */
export async function openRunFolder(asked: string, files: readonly string[], store: string): Promise<OpenedFolder> {
  return written(asked, async () => {
    const outside = files.find((file) => !isInside(file));
    if (outside !== undefined)
      throw refused(`${outside} is not allowed as a file in a run folder`, 'Rename the file that the reporter writes.');
    const folder = await folderAt(asked);
    const former = await formerIn(folder, files, store);
    await tryOut(folder);
    return { folder, former };
  });
}

/** The run in a folder, when nothing else is in the way of another. */
async function formerIn(folder: string, files: readonly string[], store: string): Promise<Manifest | undefined> {
  for (let tries = 1; ; tries++) {
    await settle(folder);
    try {
      const former = await readManifest(folder);
      if (!former) await refuseOthers(folder, store);
      for (const file of files) await refuseForeign(folder, file, former?.files ?? {});
      return former;
    } catch (error) {
      // Another run may have begun to replace the files after they had settled.
      if (tries === 3) throw error;
      await setTimeout(20);
    }
  }
}

/** A run as it lies in its folder. */
export interface WrittenRun {
  readonly folder: string;
  /** As results.json holds them. */
  readonly results: RunResults;
  /** SHA-256 of results.json. */
  readonly hash: string;
}

/**
 * Writes a run: results.json and what belongs to it; the former run's files go.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED; a former run is then still there.
 */
export function writeResults(folder: string, results: RunResults, files: readonly RunFile[]): Promise<WrittenRun> {
  return written(folder, async () => {
    let complete = results;
    const whole = (hashes: Hashes) => `${json((complete = sealed(results, hashes)), 2)}\n`;
    const hash = await replaceFiles(folder, { files, results: whole });
    return { folder, results: complete, hash: hash! };
  });
}

/**
 * Adds the pages to a run, in the place of those of the same name. Undefined when another run has taken its place.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED; the run is then as it was.
 */
export function writePages(
  { folder, hash: addedTo }: Pick<WrittenRun, 'folder' | 'hash'>,
  results: RunResults,
  files: readonly RunFile[],
): Promise<WrittenRun | undefined> {
  return written(folder, async () => {
    let complete = results;
    const whole = (pages: Hashes) => `${json((complete = sealed(results, { ...results.files, ...pages })), 2)}\n`;
    const hash = await replaceFiles(folder, { files, results: whole, addedTo });
    return hash === undefined ? undefined : { folder, results: complete, hash };
  });
}

async function written<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FaroutError) throw cause;
    throw new FaroutError('OOD_OUTPUT_FAILED', `cannot write the run folder ${folder}: ${(cause as Error).message}`, {
      fix: 'Free space, fix its permissions, or choose another folder with --out.',
      cause,
    });
  }
}

/** The folder that a path leads to, which may be absent. */
async function folderAt(asked: string): Promise<string> {
  const found = await lstat(asked).catch(unlessNothing);
  if (!found) return asked;
  const folder = await realpath(asked).catch(unlessNothing);
  if (folder === undefined) throw refused(`${asked} is a broken link`, otherFolder);
  if (!(await lstat(folder)).isDirectory()) throw refused(`${asked} is not a folder`, otherFolder);
  return folder;
}

const otherFolder = 'Choose another folder with --out.';

/** What is in a folder without a run is not farout's, but for the experiment's own store. */
async function refuseOthers(folder: string, store: string): Promise<void> {
  const names = await readdir(folder).catch(unlessNothing);
  const inStore = path.relative(folder, store);
  const ofStore: readonly string[] = inStore === '' ? storeKinds : [inStore.split(path.sep)[0]!];
  const other = (names ?? []).find((name) => !isReplacement(name) && !ofStore.includes(name));
  if (other === undefined) return;
  throw refused(
    `${folder} is not a run folder: it has "${other}" but no ${resultsFile}`,
    `Choose another folder with --out, such as ${path.join(folder, 'run')}, or empty this one.`,
  );
}

/** Writes into the folder, and leaves nothing. */
async function tryOut(folder: string): Promise<void> {
  const made = await makeFolder(folder);
  const trial = path.join(folder, `.farout-${randomUUID()}`);
  try {
    await mkdir(trial);
  } finally {
    await leftBehind(rmdir(trial));
    await removeFolders(made);
  }
}

function unlessNothing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

const refused = (message: string, fix: string) => new FaroutError('OOD_OUTPUT_FAILED', message, { fix });
