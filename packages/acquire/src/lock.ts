import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, z } from '@farout/core';
import { onDisk } from './download/part.ts';
import { digestsOf, mismatch, type Digests, type FileSource } from './download/source.ts';
import { comesFrom, givenBy, sizeInWords, termsOf, type Manifest, type ManifestFile } from './manifest.ts';

const lockSchema = z.record(z.string(), z.object({ size: z.int(), sha256: z.string(), from: z.string().optional() }));
type Lock = z.output<typeof lockSchema>;

const lockOf = ({ name, folder }: Manifest) => path.join(folder, `${name}.lock.json`);

/** The expected size and checksums of a file. */
export type Expected = Omit<FileSource, 'name' | 'addresses'>;

/**
 * The expected content of a file: from its manifest, or from the lock file of another machine if the manifest is incomplete.
 *
 * @throws FaroutError OOD_MANIFEST_INVALID when the lock file is damaged.
 */
export async function expected(manifest: Manifest, file: ManifestFile): Promise<Expected> {
  const lock = await readLock(manifest);
  if (!lock)
    throw new FaroutError('OOD_MANIFEST_INVALID', `${lockOf(manifest)} is damaged`, {
      fix: 'Restore it from its source, or delete it: files are then not compared with those other machines downloaded.',
    });
  const { size, sha256, sha256Begins, md5 } = file;
  const seen = sha256 === undefined ? lock[file.path] : undefined;
  return { size: size ?? seen?.size, sha256: sha256 ?? seen?.sha256, sha256Begins, md5 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readLock(manifest: Manifest): Promise<Lock | undefined> {
  return lockSchema.safeParse(jsonOf(await readFile(lockOf(manifest), 'utf8').catch(() => '{}'))).data;
}

/** Serializes writes to the lock file when files of one manifest are downloaded concurrently. */
let recorded: Promise<void> = Promise.resolve();

/** Records the digests of a file without a published SHA-256, for other machines to compare. */
export function record(
  manifest: Manifest,
  file: ManifestFile,
  { size, sha256, from }: Pick<Digests, 'size' | 'sha256'> & { readonly from?: string },
): Promise<void> {
  const write = async () => {
    const lock = await readLock(manifest);
    if (file.sha256 !== undefined || !lock || lock[file.path] !== undefined) return;
    const all = { ...lock, [file.path]: { size, sha256, ...(from !== undefined && { from }) } };
    const temporary = `${lockOf(manifest)}.${randomUUID()}`;
    await onDisk(lockOf(manifest), async () => {
      await mkdir(manifest.folder, { recursive: true });
      await writeFile(temporary, `${JSON.stringify(all, null, 2)}\n`, { flag: 'wx' });
      await rename(temporary, lockOf(manifest));
    });
  };
  const written = recorded.then(write);
  recorded = written.catch(() => undefined);
  return written;
}

/** How certain it is that a file is the published one. */
export function verified(
  { path: name, sha256, sha256Begins, md5 }: ManifestFile,
  known: { sha256?: string | undefined },
): string {
  if (sha256 !== undefined) return `${name}: its SHA-256 is correct`;
  const weak = [md5 !== undefined && 'MD5', sha256Begins !== undefined && 'the first eight digits of its SHA-256'];
  const by = weak.filter((each) => each !== false).join(' and ');
  const guard = by === '' ? 'it has no published checksum' : `${by}: correct, which protects only against accidents`;
  const seen =
    known.sha256 === undefined ? 'what was downloaded is recorded' : 'it is the same file as on another machine';
  return `${name}: ${guard}; ${seen} in the lock file next to its manifest`;
}

/**
 * Verifies the only file of a manifest before it is used.
 *
 * @returns what it is, its source, its terms, and how certain that is: a sentence without a full stop.
 * @throws FaroutError OOD_CONTENT_MISMATCH
 */
export async function verifyPulled(manifest: Manifest): Promise<string> {
  const { name, source } = manifest;
  const [file] = source.files as [ManifestFile];
  const place = givenBy(manifest, file);
  const known = await expected(manifest, file);
  const digests = await digestsOf(place, new AbortController().signal);
  const fault = mismatch({ ...known, name, addresses: [] }, digests);
  if (fault !== undefined)
    throw new FaroutError('OOD_CONTENT_MISMATCH', `${place} is not the published "${name}": ${fault}`, {
      fix: 'Move it away, and pull it again.',
    });
  // A file placed by hand may be in a read-only folder.
  await record(manifest, file, digests).catch(() => undefined);
  const size = sizeInWords(digests.size);
  return `${path.basename(place)} (${size}; ${termsOf(source)}) from ${comesFrom(source, file)}; ${certainty(file, known)}`;
}

function certainty({ sha256 }: ManifestFile, known: Expected): string {
  if (sha256 !== undefined) return 'its SHA-256 is correct';
  if (known.sha256 !== undefined) return 'its SHA-256 is the same as at the first download';
  return known.sha256Begins === undefined ? 'it has no known checksum' : 'its SHA-256 begins with the published digits';
}
