import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import envPaths from 'env-paths';
import { FaroutError } from '@farout/core';
import { PackedFile, type PackedBytes } from './packed-file.ts';
import type { TarEntry, TarIndex } from './tar-index.ts';

/** The folder for indexes and unpacked archives, in the user's cache. Its files may be deleted at any time. */
const folder = () =>
  join(
    process.env.FAROUT_CACHE ? resolve(process.env.FAROUT_CACHE) : envPaths('farout', { suffix: '' }).cache,
    'archives',
  );

/** Minimum number of entries to cache an index for: a smaller archive is as fast to read again. */
const worthKeeping = 1000;
const format = 'farout archive index 1';

/**
 * Returns the cached index of an archive, stored under the name of its kind. If there is none, calls `make` and caches the result. If
 * caching fails, the index is made again each time.
 */
export async function keptIndex(
  file: Pick<PackedBytes, 'version'>,
  kind: string,
  make: () => Promise<TarIndex>,
): Promise<TarIndex> {
  const path = join(folder(), `${file.version}.${kind}.index`);
  const known = await readFile(path, 'utf8').then(parseIndex, () => undefined);
  if (known) return known;
  const made = await make();
  if (made.entries.length >= worthKeeping)
    await keep(path, (to) => writeFile(to, indexText(made))).catch(() => undefined);
  return made;
}

/** Serializes an index with a checksum. */
export const indexText = ({ entries, others }: TarIndex): string => {
  const lines = entries.map(({ name, folder, offset, length }) => `${offset} ${folder ? '/' : length} ${name}\n`);
  const body = [...lines, ...others.map((name) => `- - ${name}\n`)].join('');
  return `${format} ${hash(body)}\n${body}`;
};

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** Parses an index; undefined if it is damaged or of another version. */
export function parseIndex(text: string): TarIndex | undefined {
  const start = text.indexOf('\n') + 1;
  const body = text.slice(start);
  if (text.slice(0, start) !== `${format} ${hash(body)}\n`) return undefined;
  const [entries, others]: [TarEntry[], string[]] = [[], []];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\n', at);
    const [first, second] = [body.indexOf(' ', at), body.indexOf(' ', body.indexOf(' ', at) + 1)];
    const [offset, length, name] = [body.slice(at, first), body.slice(first + 1, second), body.slice(second + 1, end)];
    if (offset === '-') others.push(name);
    else
      entries.push({
        name,
        folder: length === '/',
        offset: Number(offset),
        length: length === '/' ? 0 : Number(length),
      });
    at = end + 1;
  }
  return { entries, others };
}

/** Writes to a temporary name first: readers never see a partial file, and concurrent writers do not interfere. */
async function keep(path: string, write: (to: string) => Promise<void>): Promise<void> {
  await mkdir(folder(), { recursive: true });
  await removeLeftovers();
  const beside = `${path}.${randomUUID()}.part`;
  try {
    await write(beside);
    await rename(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}

/** Age in ms after which a temporary file counts as abandoned: a running writer writes continuously. */
const abandoned = 3_600_000;

/** Removes temporary files left by interrupted writers. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(folder())) {
    if (!name.endsWith('.part')) continue;
    const path = join(folder(), name);
    const written = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - written > abandoned) await rm(path, { force: true });
  }
}

/** Images hardly compress: an archive that expands more than this was made to fill the disk. */
const mostRatio = 50;
const alwaysAllowed = 2 ** 26;

/**
 * Opens a plain tar directly. A gzipped tar is unpacked once into the cache, because a range of compressed data cannot be read by itself.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is damaged, expands more than fifty times, or the disk is full.
 */
export async function plainTar(path: string): Promise<PackedFile> {
  const file = await PackedFile.open(path, 2 ** 16);
  if (file.size < 2 || (await file.read(0, 2)).toString('latin1') !== '\x1f\x8b') return file;
  const plain = join(folder(), `${file.version}.tar`);
  if (!(await stat(plain).catch(() => undefined))) await keep(plain, (to) => unpack(file, to));
  return PackedFile.open(plain, 2 ** 16);
}

async function unpack(file: PackedFile, to: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder());
  const room = bavail * bsize;
  const most = Math.max(alwaysAllowed, mostRatio * file.size);
  const tooMuch = (what: string, fix: string) => file.refusal(`it unpacks to more than ${what}`, { fix });
  let bytes = 0;
  const counted = new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length;
      if (bytes > most)
        done(tooMuch(`${most} bytes, from ${file.size}`, 'No real archive of images does this: do not use it.'));
      else if (bytes > room)
        done(
          tooMuch(
            `the ${room} bytes that are free in ${folder()}`,
            'Free space there, or set FAROUT_CACHE to a folder with enough space.',
          ),
        );
      else done(null, piece);
    },
  });
  try {
    await pipeline(createReadStream(file.path), createGunzip(), counted, createWriteStream(to));
  } catch (cause) {
    if (cause instanceof FaroutError) throw cause;
    throw file.refusal(`it cannot be unpacked into ${folder()} (${(cause as Error).message})`, { cause });
  }
}
