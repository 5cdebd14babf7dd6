import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '@farout/acquire/manifests';
import { FaroutError, z } from '@farout/core';
import type { Environment } from './environment.ts';

/** Cached bytes with their version. */
export interface Cached {
  readonly bytes: Buffer;
  readonly version: string;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string;
}

/** The first line of a cache file; the bytes follow. */
const headSchema = z.object({ version: z.string(), sha256: z.string() });
const longestHead = 4096;

/** Default size; FAROUT_S3_CACHE overrides it. */
const usualSize = 20e9;

/** The size is checked again after writing this fraction of the limit (1/20). */
const share = 20;

/** Age in ms after which a temporary file counts as abandoned: a running writer finishes at once. */
const abandoned = 3_600_000;

/**
 * A cache of data read from buckets, in farout's cache folder: one file per entry or range, verified at every read. Several processes may use it
 * concurrently. Beyond its limit, the least recently used files are removed. If caching fails, data is read again.
 */
export class Cache {
  readonly #env: Environment;
  /** Bytes written since the size was last checked; infinite at first, so the first write checks it. */
  #written = Infinity;
  #trimming: Promise<void> = Promise.resolve();

  constructor(env: Environment = process.env) {
    this.#env = env;
  }

  /** Reads a cached entry; undefined if it is missing or damaged. */
  async read(name: string): Promise<Cached | undefined> {
    if (this.#limit === 0) return undefined;
    const file = fileOf(name);
    const all = await readFile(file).catch(() => undefined);
    const cached = all && parsed(all);
    if (all && !cached) await rm(file, { force: true }).catch(() => undefined);
    // Marks the file as recently used.
    if (cached) await utimes(file, new Date(), new Date()).catch(() => undefined);
    return cached;
  }

  /** Stores bytes under a name, replacing earlier ones. */
  async write(name: string, bytes: Uint8Array, version: string): Promise<void> {
    const limit = this.#limit;
    // A single entry must not evict all others.
    if (bytes.length > limit / 4) return;
    const head = Buffer.from(`${JSON.stringify({ version, sha256: sha256Of(bytes) })}\n`);
    if (head.length > longestHead) return;
    if (!(await placed(fileOf(name), Buffer.concat([head, bytes])))) return;
    this.#written += bytes.length;
    if (this.#written < limit / share) return;
    this.#written = 0;
    this.#trimming = this.#trimming.then(() => trim(limit));
    await this.#trimming;
  }

  async forget(name: string): Promise<void> {
    await rm(fileOf(name), { force: true }).catch(() => undefined);
  }

  /** In bytes; 0 for no cache. */
  get #limit(): number {
    return sizeIn(this.#env.FAROUT_S3_CACHE);
  }
}

const units: Readonly<Record<string, number>> = { '': 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

function sizeIn(text: string | undefined): number {
  if (!text) return usualSize;
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([kmgt]b)?$/i.exec(text.trim()) ?? [];
  if (number !== undefined) return Number(number) * units[(unit ?? '').toLowerCase()]!;
  throw new FaroutError('OOD_BAD_PARAMETER', 'FAROUT_S3_CACHE is not a size', {
    fix: 'Write 50GB, 500MB, or 0 for no cache.',
  });
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const folder = () => path.join(cacheFolder(), 's3');

function fileOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  return path.join(folder(), hash.slice(0, 2), hash.slice(2));
}

function parsed(all: Buffer): Cached | undefined {
  const end = all.subarray(0, longestHead).indexOf(0x0a);
  const { data: head } = headSchema.safeParse(jsonOf(all.toString('utf8', 0, Math.max(0, end))));
  const bytes = all.subarray(end + 1);
  return head && sha256Of(bytes) === head.sha256 ? { ...head, bytes } : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes a file atomically, readable only by its owner, as the bucket may be private. Returns whether that succeeded. */
async function placed(file: string, content: Uint8Array): Promise<boolean> {
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(beside, content, { mode: 0o600 });
    await rename(beside, file);
    return true;
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
    return false;
  }
}

/** Removes least recently used files until a tenth of the limit is free, and temporary files of killed processes. */
async function trim(limit: number): Promise<void> {
  const files: { readonly file: string; readonly bytes: number; readonly used: number }[] = [];
  for (const file of await filesIn(folder())) {
    const stats = await stat(file).catch(() => undefined);
    if (!stats) continue;
    if (!file.endsWith('.tmp')) files.push({ file, bytes: stats.size, used: stats.mtimeMs });
    else if (Date.now() - stats.mtimeMs > abandoned) await rm(file, { force: true }).catch(() => undefined);
  }
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= limit) return;
  for (const { file, bytes } of files.sort((a, b) => a.used - b.used)) {
    if (total <= 0.9 * limit) return;
    await rm(file, { force: true }).catch(() => undefined);
    total -= bytes;
  }
}

async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
