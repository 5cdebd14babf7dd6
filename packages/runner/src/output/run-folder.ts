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
 * The absolute folder a run is written to: the one the user names, or `runs/<the experiment's name>`.
 *
 * @throws FaroutError OOD_BAD_COMMAND if the name is not a valid folder name. It is not altered, because two
 *   experiments could then share a folder.
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

/** Names that some file system does not accept, or does not treat as a plain name. */
const notAName = /[/\\:*?"<>|\p{Cc}]|^$|[. ]$/u;
/** Longest name in common file systems, in bytes. */
const longest = 255;

/** The data from which the run's report is drawn. */
export const reportDataFile = runFiles.reportData;

/** The scores of every image. */
export const scoresFile = runFiles.scores;

/** A run folder that can be written to. */
interface OpenedFolder {
  /** Its absolute path, with links resolved. */
  readonly folder: string;
  /** The run that is already there. */
  readonly former: Manifest | undefined;
}

/**
 * Checks, before any work is done, that a run can be written into a folder. The folder must be writable, and must be
 * absent, empty, or a run folder of farout's without foreign files where new files will be written. Restores a former
 * run if a process was killed while replacing it.
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

/** The run in a folder, if nothing else prevents writing another. */
async function formerIn(folder: string, files: readonly string[], store: string): Promise<Manifest | undefined> {
  for (let tries = 1; ; tries++) {
    await settle(folder);
    try {
      const former = await readManifest(folder);
      if (!former) await refuseOthers(folder, store);
      for (const file of files) await refuseForeign(folder, file, former?.files ?? {});
      return former;
    } catch (error) {
      // Another run may have begun to replace the files since `settle` returned.
      if (tries === 3) throw error;
      await setTimeout(20);
    }
  }
}

/** A run as written to its folder. */
export interface WrittenRun {
  readonly folder: string;
  /** As in results.json. */
  readonly results: RunResults;
  /** SHA-256 of results.json. */
  readonly hash: string;
}

/**
 * Writes a run: results.json and its other files. The former run's files are removed.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED; a former run is then unchanged.
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
 * Adds pages to a run, replacing those of the same names. Undefined if another run has replaced it.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED; the run is then unchanged.
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

/** The folder that a path leads to, which may not exist. */
async function folderAt(asked: string): Promise<string> {
  const found = await lstat(asked).catch(unlessNothing);
  if (!found) return asked;
  const folder = await realpath(asked).catch(unlessNothing);
  if (folder === undefined) throw refused(`${asked} is a broken link`, otherFolder);
  if (!(await lstat(folder)).isDirectory()) throw refused(`${asked} is not a folder`, otherFolder);
  return folder;
}

const otherFolder = 'Choose another folder with --out.';

/** Anything in a folder without a run is foreign, except the experiment's own store. */
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

/** Checks that the folder is writable, leaving nothing behind. */
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
