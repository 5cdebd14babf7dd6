import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '@farout/acquire/manifests';
import { FaroutError, z } from '@farout/core';
import type { Environment } from './environment.ts';

/** What was read once, with the version that it had. */
export interface Cached {
  readonly bytes: Buffer;
  readonly version: string;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string;
}

/** Of a file in the cache: a line of this, then the bytes. */
const headSchema = z.object({ version: z.string(), sha256: z.string() });
const longestHead = 4096;

/** Unless FAROUT_S3_CACHE says another size. */
const usualSize = 20e9;

/** As much of the limit is written before it is looked again whether the cache is too large. */
const share = 20;

/** Who is at work writes at once. */
const abandoned = 3_600_000;

/**
 * What was read from buckets, in farout's cache folder: a file for each entry or stretch, whose bytes are checked whenever they are read. Several
 * processes may use it at once. What was not used for longest goes when it grows beyond its limit. What cannot be kept is read again.
 */
export class Cache {
  readonly #env: Environment;
  /** Bytes written since it was looked at how large the cache is; at the first of them it is looked, too. */
  #written = Infinity;
  #trimming: Promise<void> = Promise.resolve();

  constructor(env: Environment = process.env) {
    this.#env = env;
  }

  /** What is kept under a name; undefined when nothing is, or it is damaged. */
  async read(name: string): Promise<Cached | undefined> {
    if (this.#limit === 0) return undefined;
    const file = fileOf(name);
    const all = await readFile(file).catch(() => undefined);
    const cached = all && parsed(all);
    if (all && !cached) await rm(file, { force: true }).catch(() => undefined);
    // What was used is kept before what was not.
    if (cached) await utimes(file, new Date(), new Date()).catch(() => undefined);
    return cached;
  }

  /** Keeps bytes under a name, in the place of others. */
  async write(name: string, bytes: Uint8Array, version: string): Promise<void> {
    const limit = this.#limit;
    // A single one must not push out all others.
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

/** Whether a file was written: at once, so that nobody reads half of it. Nobody else may look into it, as into the bucket. */
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

/** Takes away what was not used for longest, until a tenth of the limit is free; and what killed processes began to write. */
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
