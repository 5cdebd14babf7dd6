import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { FaroutError, type Logger } from '@farout/core';
import { Claim } from '../download/claim.ts';
import { onDisk } from '../download/part.ts';
import { Names, refusal } from './names.ts';
import { stretch, through } from './stretch.ts';
import { readTar, type ArchiveEntry } from './tar.ts';
import { readZip } from './zip.ts';

/** What to unpack, and its limits. */
export interface UnpackOptions {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** The folder within the archive to unpack; default: the whole archive. */
  readonly strip?: string | undefined;
  /** Limit for the unpacked bytes; default: the free space. */
  readonly mostBytes?: number | undefined;
  /** Called before the folder gets its final name; throws if the content is not as expected. */
  readonly check?: (unpacked: Unpacked) => void;
  /** Called with the number of bytes as they are written. */
  readonly written?: (bytes: number) => void;
}

/** Counts of the unpacked files. */
export interface Unpacked {
  readonly files: number;
  readonly images: number;
  readonly bytes: number;
}

/** Names that count as images; not hidden files, which macOS leaves in archives. */
const image = /(^|[\\/])[^.\\/][^\\/]*\.(jpe?g|png|webp|gif|bmp|tiff?)$/i;

/** Compressed images grow by a few per cent; a file that grows a hundredfold is meant to fill the disk. */
const mostGrowth = 100;

/**
 * Unpacks a tar, tar.gz or zip into a folder that appears only when it is complete. Writes nothing elsewhere and never creates links or devices;
 * modes and owners are the user's. Concurrent unpacking of the same archive is safe.
 *
 * @returns undefined if the folder already exists.
 * @throws FaroutError OOD_ARCHIVE_REFUSED or OOD_NO_SPACE; then nothing is left behind.
 */
export async function unpack(archive: string, folder: string, options: UnpackOptions): Promise<Unpacked | undefined> {
  const { signal, logger } = options;
  const name = path.basename(archive);
  await onDisk(folder, () => mkdir(path.dirname(folder), { recursive: true }));
  if (await exists(folder)) return undefined;
  const wait = (holder: string) => logger.info(`${name}: ${holder} is unpacking it; waiting`);
  const claim = await onDisk(folder, () => Claim.take(`${folder}.claim`, wait, signal));
  const prefix = `.${path.basename(folder)}.unpacking-`;
  const temporary = path.join(path.dirname(folder), prefix + randomUUID());
  try {
    if (await exists(folder)) return undefined;
    await removeLeft(path.dirname(folder), prefix);
    await onDisk(folder, () => mkdir(temporary));
    const unpacked = await writeAll(archive, temporary, options);
    const whole = path.join(temporary, options.strip ?? '');
    if (!(await exists(whole))) throw await withoutFolder(name, temporary, options.strip);
    options.check?.(unpacked);
    if (!(await claim.isHeld())) throw new FaroutError('OOD_OUTPUT_FAILED', `another process has taken over ${folder}`);
    await onDisk(folder, () => rename(whole, folder));
    return unpacked;
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await claim.release();
  }
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** Removes what a killed process left behind. */
async function removeLeft(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(prefix)) await rm(path.join(folder, name), { recursive: true, force: true });
}

async function withoutFolder(name: string, temporary: string, strip = ''): Promise<Error> {
  const there = (await readdir(temporary)).slice(0, 5).join(', ');
  return refusal(name, `it has no folder ${strip}; at its top level are: ${there || 'nothing'}`);
}

async function writeAll(archive: string, into: string, options: UnpackOptions): Promise<Unpacked> {
  const { signal, written = () => undefined } = options;
  const name = path.basename(archive);
  const limits = await limitsOf(archive, into, options.mostBytes);
  const names = new Names(name);
  const total = { files: 0, images: 0, bytes: 0 };
  let made = into;
  const file = await open(archive, 'r');
  try {
    for await (const entry of entriesOf(name, file)) {
      signal.throwIfAborted();
      const parts = names.take(entry.name, entry.isFolder);
      limits(total.bytes + entry.size);
      const target = path.join(into, ...parts);
      const home = entry.isFolder ? target : path.dirname(target);
      // Most files are in the same folder as the previous one.
      if (home !== made) await onDisk(target, () => mkdir(home, { recursive: true }));
      made = home;
      if (entry.isFolder) continue;
      await writeEntry(entry, target, (bytes) => {
        limits((total.bytes += bytes));
        written(bytes);
      });
      total.files++;
      if (image.test(target)) total.images++;
    }
  } finally {
    await file.close();
  }
  return total;
}

/** Returns a function that throws when more bytes come out of the archive than allowed. */
async function limitsOf(archive: string, into: string, most?: number): Promise<(bytes: number) => void> {
  const name = path.basename(archive);
  const { bavail, bsize } = await statfs(into);
  const growth = Math.max(1 << 20, (await stat(archive)).size * mostGrowth);
  return (bytes) => {
    if (bytes > growth) throw refusal(name, `it would grow more than ${mostGrowth}-fold`);
    if (most !== undefined && bytes > most) throw refusal(name, `it would take more than ${most} bytes`);
    if (bytes > bavail * bsize)
      throw new FaroutError('OOD_NO_SPACE', `${name} needs more than the ${bavail * bsize} free bytes when unpacked`, {
        fix: `Free some space in ${path.dirname(into)}, and run the same command again.`,
      });
  };
}

async function writeEntry({ content }: ArchiveEntry, target: string, wrote: (bytes: number) => void): Promise<void> {
  const handle = await onDisk(target, () => open(target, 'wx'));
  try {
    for await (const chunk of content) {
      wrote(chunk.length);
      await onDisk(target, () => handle.writeFile(chunk));
    }
  } finally {
    await handle.close();
  }
}

/** Chooses the format by the first bytes, not by the name. */
async function* entriesOf(name: string, file: FileHandle): AsyncGenerator<ArchiveEntry> {
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
  if (buffer.readUInt32LE() === 0x04034b50 || buffer.readUInt32LE() === 0x06054b50) yield* readZip(name, file);
  else if (buffer.readUInt16LE() === 0x8b1f) yield* readTar(name, gunzipped(name, file));
  else yield* readTar(name, stretch(file, 0));
}

async function* gunzipped(name: string, file: FileHandle): AsyncGenerator<Buffer> {
  const { size } = await file.stat();
  const gunzip = createGunzip();
  try {
    yield* through(stretch(file, 0), gunzip);
  } catch (error) {
    throw refusal(name, `it is damaged (${(error as Error).message})`, error);
  } finally {
    gunzip.destroy();
  }
  // zlib passes over what is no further part of the stream.
  if (gunzip.bytesWritten !== size) throw refusal(name, 'it has data after its end');
}
