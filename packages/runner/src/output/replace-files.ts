import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FaroutError } from '@farout/core';
import { leftBehind, makeFolder } from '../store/store.ts';
import { hashIn, readManifest, refuseForeign, resultsFile, type Hashes, type Manifest } from './manifest.ts';
import {
  beginReplacement,
  endReplacement,
  enter,
  keepFormer,
  kept,
  putBack,
  removeEmptyAbove,
  removeLeftovers,
  writePlan,
  type Plan,
  type Replacement,
} from './replacement.ts';

/** A file of the run folder, by its relative path with forward slashes. */
export interface RunFile {
  readonly file: string;
  readonly content: Iterable<string | Uint8Array>;
}

/** The files to write into a run folder. */
interface NewFiles {
  readonly files: readonly RunFile[];
  /** The text of results.json, given the hashes of the run's other files. */
  readonly results: (files: Hashes) => string;
  /** SHA-256 of the results.json of the run to which these files are added. Without it, the former run's other files are removed. */
  readonly addedTo?: string;
}

/**
 * Writes files into a run folder: all of them or, if anything fails or the process is killed, none. They are first
 * written to a subfolder, then moved into place one by one, results.json last. Until then the former files are kept
 * and can be restored. Only files of the former run are replaced or removed.
 *
 * @returns the SHA-256 of results.json; undefined if the run to be added to no longer exists.
 * @throws FaroutError OOD_OUTPUT_FAILED naming a file that does not belong to the run; the system's error.
 */
export async function replaceFiles(folder: string, fresh: NewFiles): Promise<string | undefined> {
  const made = await makeFolder(folder);
  try {
    const replacement = await beginReplacement(
      folder,
      fresh.files.map(({ file }) => file),
    );
    return await replaceBy(replacement, folder, fresh);
  } finally {
    // Folders that contain files stay.
    await removeFolders(made);
  }
}

async function replaceBy(
  replacement: Replacement,
  folder: string,
  { files, results, addedTo }: NewFiles,
): Promise<string | undefined> {
  let isWhole = true;
  try {
    const hashes = await writeNew(replacement.at, files);
    const written = await writeNew(replacement.at, [{ file: resultsFile, content: [results(hashes)] }]);
    const at = await enter(folder, replacement);
    const former = await readManifest(folder);
    if (addedTo !== undefined && former?.hash !== addedTo) return undefined;
    const plan = {
      files: hashes,
      results: written[resultsFile]!,
      former: await replaced(folder, hashes, former, addedTo),
    };
    await writePlan(at, plan);
    isWhole = false;
    await move(folder, at, plan, former).catch(async (cause: unknown) => {
      await putBack(folder, at).catch(() => {
        throw notPutBack(at, cause);
      });
      isWhole = true;
      throw cause;
    });
    isWhole = true;
    await leftBehind(removeLeftovers(folder));
    return plan.results;
  } finally {
    await endReplacement(folder, replacement, isWhole);
  }
}

/** Removes folders that were created, if they are empty; the innermost is last in the list. */
export async function removeFolders(made: readonly string[]): Promise<void> {
  for (const folder of made.toReversed()) await leftBehind(rmdir(folder));
}

/** Writes files into the replacement's own folder. Returns their hashes. */
async function writeNew(at: string, files: readonly RunFile[]): Promise<Hashes> {
  const hashes: [string, string][] = [];
  for (const { file, content } of files) {
    const target = kept(at, 'new', file);
    await makeFolder(path.dirname(target));
    const hash = createHash('sha256');
    const hashed = function* () {
      for (const piece of content) {
        hash.update(piece);
        yield piece;
      }
    };
    await pipeline(Readable.from(hashed()), createWriteStream(target, { flush: true }));
    hashes.push([file, hash.digest('hex')]);
  }
  return Object.fromEntries(hashes);
}

/** The files of the former run that are removed or replaced. Those changed since then no longer belong to farout. */
async function replaced(
  folder: string,
  fresh: Hashes,
  former: Manifest | undefined,
  addedTo: string | undefined,
): Promise<Hashes> {
  const known = former?.files ?? {};
  for (const file of Object.keys(fresh)) await refuseForeign(folder, file, known);
  const found: [string, string][] = [];
  for (const [file, hash] of Object.entries(known)) {
    if (addedTo !== undefined && fresh[file] === undefined) continue;
    if ((await hashIn(folder, file).catch(unlessForeign)) === hash) found.push([file, hash]);
  }
  return Object.fromEntries(found);
}

function unlessForeign(error: unknown): undefined {
  if (!(error instanceof FaroutError)) throw error;
}

const notPutBack = (at: string, cause: unknown) =>
  new FaroutError('OOD_OUTPUT_FAILED', `${(cause as Error).message}; the files of the previous run are in ${at}`, {
    fix: 'The next run into the folder, or farout report, restores them.',
    cause,
  });

async function move(folder: string, at: string, plan: Plan, former: Manifest | undefined): Promise<void> {
  const place = (file: string) => path.join(folder, ...file.split('/'));
  for (const file of Object.keys(plan.former)) await keepFormer(folder, at, file);
  for (const file of Object.keys(plan.former)) {
    if (plan.files[file] !== undefined) continue;
    await refuseForeign(folder, file, plan.former);
    await unlink(place(file));
    await leftBehind(removeEmptyAbove(folder, file));
  }
  for (const file of Object.keys(plan.files)) {
    await makeFolder(path.dirname(place(file)));
    // Someone may have created a file there since the run began.
    await refuseForeign(folder, file, plan.former);
    await rename(kept(at, 'new', file), place(file));
  }
  await refuseForeign(folder, resultsFile, former ? { [resultsFile]: former.hash } : {});
  await rename(kept(at, 'new', resultsFile), place(resultsFile));
}
