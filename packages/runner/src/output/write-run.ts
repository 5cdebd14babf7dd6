import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FaroutError, z } from '@farout/core';
import { replaceFolder } from './replace-folder.ts';
import { restoreFolder } from './restore-folder.ts';
import { writeAtomically } from '../store/write-atomically.ts';

/** The file that makes a folder a run folder. */
export const resultsFile = 'results.json';

/** What the run's report is drawn from. */
export const reportDataFile = 'report-data.json';

/** A file of the run folder, by its relative path. */
export interface RunFile {
  readonly file: string;
  readonly content: Iterable<string | Uint8Array>;
}

/**
 * Writes the files into a new folder beside `out` and puts it in the place of `out` when all are there.
 * @throws FaroutError OOD_OUTPUT_FAILED; a former run folder is then still there.
 */
export async function writeRun(out: string, files: readonly RunFile[]): Promise<void> {
  const fresh = `${out}.${randomUUID()}.tmp`;
  try {
    for (const file of files) await writeOne(fresh, file);
    await replaceFolder(out, fresh);
  } catch (cause) {
    throw notWritten(out, cause, otherFolder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/**
 * Writes files into a finished run, in the place of those of the same name, one by one.
 * @throws FaroutError OOD_OUTPUT_FAILED.
 */
export async function rewriteFiles(run: string, files: readonly { file: string; content: string }[]): Promise<void> {
  try {
    for (const { file, content } of files) await writeAtomically(path.join(run, file), content);
  } catch (cause) {
    throw notWritten(run, cause, 'Free space, or mend its permissions.');
  }
}

const otherFolder = 'Free space, mend its permissions, or name another folder with --out.';

const notWritten = (run: string, cause: unknown, fix: string) =>
  new FaroutError('OOD_OUTPUT_FAILED', `cannot write the run folder ${run}: ${(cause as Error).message}`, {
    fix,
    cause,
  });

/**
 * Puts back a run that a killed process was about to replace. Refuses, before any work, to put a run in the place of a folder
 * that holds something else or where nothing can be written.
 * @throws FaroutError OOD_OUTPUT_FAILED.
 */
export async function checkReplaceable(out: string): Promise<void> {
  await restoreFolder(out);
  await refuseForeign(out);
  const trial = `${out}.${randomUUID()}.tmp`;
  try {
    await mkdir(path.join(trial, 'occupied'), { recursive: true });
    await refuseMountPoint(out, trial);
  } catch (cause) {
    throw cause instanceof FaroutError ? cause : notWritten(out, cause, otherFolder);
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

/**
 * Nothing can take the place of a folder that a file system is mounted on, as of a container's volume. To move a folder onto
 * an occupied one always fails, and the reason tells: a mount point is busy.
 */
async function refuseMountPoint(out: string, occupied: string): Promise<void> {
  const { code } = await rename(out, occupied).then(
    () => ({ code: undefined }),
    (error: unknown) => error as NodeJS.ErrnoException,
  );
  if (code !== 'EBUSY') return;
  throw new FaroutError(
    'OOD_OUTPUT_FAILED',
    `${out} cannot be replaced by the run folder: a file system is mounted on it`,
    {
      fix: `Name a folder in it: --out ${path.join(out, 'run')}.`,
    },
  );
}

async function refuseForeign(out: string): Promise<void> {
  const names = await readdir(out).catch((error: unknown): string[] => {
    if (isAbsent(error)) return [];
    throw new FaroutError('OOD_OUTPUT_FAILED', `${out} cannot become the run folder: ${(error as Error).message}`, {
      cause: error,
    });
  });
  if (names.length === 0 || names.includes(resultsFile)) return;
  throw new FaroutError('OOD_OUTPUT_FAILED', `${out} exists and is no run folder: it has no ${resultsFile}`, {
    fix: 'Name another folder with --out, or empty this one.',
  });
}

/** The hash of the experiment whose run lies in a folder; undefined when none does that can be read. */
export async function formerExperiment(out: string): Promise<string | undefined> {
  const text = await readFile(path.join(out, resultsFile), 'utf8').catch(() => '{}');
  return formerSchema.safeParse(parsed(text)).data?.hashes.experiment;
}

const formerSchema = z.object({ hashes: z.object({ experiment: z.string() }) });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function writeOne(folder: string, { file, content }: RunFile): Promise<void> {
  const target = path.join(folder, file);
  await mkdir(path.dirname(target), { recursive: true });
  await pipeline(Readable.from(content), createWriteStream(target, { flush: true }));
}

const isAbsent = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';
