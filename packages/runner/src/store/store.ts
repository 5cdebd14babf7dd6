import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { cacheFolder } from '@farout/acquire/manifests';
import { FaroutError, schemeOf, type Logger, type Store } from '@farout/core';
import type { Experiment } from '../experiment.ts';
import { Entries } from './entries.ts';

/**
 * The folder of the store: the experiment's, or farout's in the user's cache folder. For a store at an address, the
 * latter holds the graphs that workers open.
 */
export const storeFolder = ({ store }: Pick<Experiment, 'store'>): string =>
  store === undefined || schemeOf(store) !== undefined ? cacheFolder() : store;

/**
 * Writes a graph to a file for the workers, because a session opened by path takes a third less memory. The file is
 * named by its SHA-256 and is kept, so that a run resumed after being killed finds it.
 *
 * @throws FaroutError OOD_STORE_FAILED if the folder cannot be written, which happens before any image is read.
 */
export async function graphFile(
  folder: string,
  graph: { readonly bytes: readonly Uint8Array[]; readonly hash: string },
  logger: Pick<Logger, 'warn'>,
): Promise<string> {
  const store = new FileStore(folder);
  const entries = new Entries({ store, logger });
  const key = `graphs/${graph.hash}.onnx`;
  if (!(await entries.readBytes(key, graph.hash))) await store.write(key, graph.bytes);
  return path.join(folder, key);
}

/** Pauses between attempts if a store cannot be reached, in milliseconds: a minute and a half in total. */
const usualPauses = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 38_900];

/**
 * A store in a folder: one file per entry, with the key as its relative path. Several runs on several hosts may use it concurrently.
 */
export class FileStore implements Store {
  readonly #folder: string;
  readonly #pauses: readonly number[];

  /** `pauses`: pauses before each further attempt if the server that holds the folder does not respond. */
  constructor(folder: string, pauses: readonly number[] = usualPauses) {
    this.#folder = folder;
    this.#pauses = pauses;
  }

  readonly read = async (key: string): Promise<Uint8Array | undefined> => {
    try {
      return await this.#patiently(() => readFile(path.join(this.#folder, key)));
    } catch (cause) {
      if (isAbsent(cause)) return undefined;
      throw failed(`cannot read ${key} in the store ${this.#folder}`, cause);
    }
  };

  readonly readRange = async (key: string, offset: number, length: number): Promise<Uint8Array | undefined> => {
    try {
      return await this.#patiently(() => readStretch(path.join(this.#folder, key), offset, length));
    } catch (cause) {
      if (isAbsent(cause)) return undefined;
      throw failed(`cannot read ${key} in the store ${this.#folder}`, cause);
    }
  };

  readonly write = async (key: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> => {
    try {
      await this.#patiently(() => writeAtomically(path.join(this.#folder, key), bytes));
    } catch (cause) {
      throw failed(`cannot write ${key} in the store ${this.#folder}`, cause);
    }
  };

  readonly create = async (key: string, bytes: Uint8Array): Promise<boolean> => {
    try {
      // Creating a link is atomic, even if two processes try it at once.
      await this.#patiently(() => writeAtomically(path.join(this.#folder, key), bytes, link));
      return true;
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') return false;
      throw failed(`cannot write ${key} in the store ${this.#folder}`, cause);
    }
  };

  /** Retries what fails because another host has just replaced a file, or because the server is temporarily unavailable. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    for (const pause of this.#pauses) {
      try {
        return await work();
      } catch (error) {
        if (!passing.has(codeOf(error))) throw error;
        await setTimeout(pause);
      }
    }
    return work();
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

/**
 * Errors by which network file systems report temporary failures. ESTALE: another host has replaced the file while it was open here.
 */
const passing: ReadonlySet<string> = new Set([
  ...['ESTALE', 'EAGAIN', 'ETIMEDOUT', 'EREMOTEIO', 'ENOTCONN', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED'],
  ...['EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH', 'ENOLINK'],
]);

/** An entry that stays stale is gone for this host. */
const isAbsent = (error: unknown) => ['ENOENT', 'ESTALE'].includes(codeOf(error));

async function readStretch(file: string, offset: number, length: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * The current time by the clock of the host that holds a store's folder, which dates its files and may differ from
 * this host's clock. This host's time if nothing can be written there.
 */
export async function timeAt(folder: string): Promise<number> {
  const file = path.join(folder, `${randomUUID()}.tmp`);
  try {
    await writeFile(file, '', { flag: 'wx' });
    return (await stat(file)).mtimeMs;
  } catch {
    return Date.now();
  } finally {
    await leftBehind(rm(file, { force: true }));
  }
}

const failed = (message: string, cause: unknown) =>
  new FaroutError('OOD_STORE_FAILED', `${message}: ${(cause as Error).message}`, {
    fix: 'Free space, fix its permissions, or use another folder: store: <folder>.',
    cause,
  });

/**
 * Writes a file atomically: temporary file, fsync, then its final name. If the process is killed in between, the former
 * file stays intact. `name` assigns the name: by a rename, or by a link if an existing file must not be replaced.
 */
async function writeAtomically(
  file: string,
  content: string | Uint8Array | readonly Uint8Array[],
  name: (temporary: string, file: string) => Promise<void> = rename,
): Promise<void> {
  await makeFolder(path.dirname(file));
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      // Each part is appended to the previous one.
      for (const part of Array.isArray(content) ? content : [content]) await handle.writeFile(part as Uint8Array);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await name(temporary, file);
    if (name !== rename) await rm(temporary, { force: true });
  } catch (error) {
    await leftBehind(rm(temporary, { force: true }));
    throw error;
  }
}

/**
 * Creates a folder and its parents, one by one: Node's own `recursive` never returns below /proc, where a folder
 * exists but nothing can be created in it.
 *
 * @returns the folders that were created, outermost first.
 */
export async function makeFolder(folder: string): Promise<string[]> {
  if (await isFolder(folder)) return [];
  const parent = path.dirname(folder);
  const made = parent === folder ? [] : await makeFolder(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may have created it in the meantime.
    if (!(await isFolder(folder))) throw error;
    return made;
  }
  return [...made, folder];
}

/** Whether a folder exists. */
export const isFolder = (folder: string): Promise<boolean> =>
  stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

/** Cleanup that may fail: leftovers do no harm, and the error must not hide the one that led here. */
export const leftBehind = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );
