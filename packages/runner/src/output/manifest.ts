import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FaroutError, runFiles, z, type RunResults } from '@farout/core';
import { hashBytes } from '../store/entries.ts';

/** The file that marks a folder as a run folder, and lists the run's other files in it. */
export const resultsFile = runFiles.results;

/** SHA-256 of each file, by its path in the run folder with forward slashes. */
export type Hashes = Readonly<Record<string, string>>;

/** What results.json says about its run folder. */
export interface Manifest {
  /** SHA-256 of results.json itself. */
  readonly hash: string;
  /** Its contents; numbers that JSON cannot represent are still strings. */
  readonly results: RunResults;
  /** The run's other files. */
  readonly files: Hashes;
}

/** The results with the hashes of the run's other files, and the SHA-256 of all of it, by which results.json can be verified. */
export function sealed(results: RunResults, files: Hashes): RunResults {
  const named = { ...results, files, sha256: undefined };
  return { ...named, sha256: hashBytes(Buffer.from(json(named))) };
}

const manifestSchema = z.looseObject({
  files: z.record(z.string().refine(isInside), z.string()),
  sha256: z.string(),
});

/** Whether a file's path stays within the run folder: results.json may come from anyone. */
export function isInside(file: string): boolean {
  const steps = file.split('/');
  return !/[\\\0]/.test(file) && steps.every((step) => step !== '' && step !== '.' && step !== '..');
}

/**
 * What results.json in a folder says about the run; undefined if there is none.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED if this farout did not write it, or if it has been changed since.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const full = path.join(folder, resultsFile);
  const stats = await lstat(full).catch(unlessAbsent);
  if (!stats) return undefined;
  const bytes = stats.isFile() ? await readFile(full) : new Uint8Array(0);
  const said = parsed(bytes);
  const { data } = manifestSchema.safeParse(said);
  if (!data || !isSealed(said as Record<string, unknown>)) throw foreign(full);
  return { hash: hashBytes(bytes), results: said as RunResults, files: data.files };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

const isSealed = ({ sha256, ...said }: Record<string, unknown>) => sha256 === hashBytes(Buffer.from(json(said)));

/**
 * SHA-256 of a file in a folder; undefined if it does not exist.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED if it is not a plain file, or lies behind a link.
 */
export async function hashIn(folder: string, file: string): Promise<string | undefined> {
  const steps = file.split('/');
  for (const depth of steps.keys()) {
    const full = path.join(folder, ...steps.slice(0, depth + 1));
    const stats = await lstat(full).catch(unlessAbsent);
    if (!stats) return undefined;
    if (depth < steps.length - 1 ? !stats.isDirectory() : !stats.isFile()) throw foreign(full);
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path.join(folder, ...steps)), hash);
  return hash.digest('hex');
}

/**
 * @throws FaroutError OOD_OUTPUT_FAILED if a file to be written would replace one that does not belong to the run.
 */
export async function refuseForeign(folder: string, file: string, known: Hashes): Promise<void> {
  const found = await hashIn(folder, file);
  if (found !== undefined && !hashesOf(file, known).includes(found)) throw foreign(path.join(folder, file));
}

/** On a case-insensitive file system a file may exist under another spelling of its name. */
const hashesOf = (file: string, known: Hashes) =>
  Object.entries(known).flatMap(([name, hash]) => (name.toLowerCase() === file.toLowerCase() ? [hash] : []));

const foreign = (full: string) =>
  new FaroutError('OOD_OUTPUT_FAILED', `${full} exists, and is not a file that farout wrote there`, {
    fix: 'Move it away to keep it, or delete it; or choose another folder with --out.',
  });

/** Ignores errors that only mean that something does not exist. */
export function unlessAbsent(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
}

/** A value as JSON. Numbers JSON cannot represent are written as strings, `"Infinity"`, `"-Infinity"`, `"NaN"`, instead of null. */
export const json = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_, each: unknown) => (typeof each === 'number' && !Number.isFinite(each) ? String(each) : each),
    indent,
  );
