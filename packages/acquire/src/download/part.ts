import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, z } from '@farout/core';
import type { Address } from '../address.ts';
import { Digester, type Digests } from './source.ts';

/** Windows has no such flag. */
const noFollow = (constants as { O_NOFOLLOW?: number }).O_NOFOLLOW ?? 0;

const originSchema = z.object({
  /** SHA-256 of the address, which may contain a key. */
  address: z.string(),
  /** A strong ETag. */
  etag: z.string().nullable(),
  size: z.int().nullable(),
});

/** The origin of the bytes in a part. */
type Origin = z.output<typeof originSchema>;

/** What a response says about the whole file. */
export interface Validators {
  readonly etag: string | undefined;
  readonly size: number | undefined;
}

/**
 * An incomplete file: `<name>.part`, and next to it `<name>.part.json` with the origin of its bytes. Even if the process is killed at any time, the
 * bytes are always the start of a single version: bytes of an old version are removed before a new origin is recorded.
 */
export class Part {
  readonly target: string;
  readonly #handle: FileHandle;
  #origin: Origin | undefined;
  #digester: Digester;

  private constructor(target: string, handle: FileHandle, origin: Origin | undefined, digester: Digester) {
    this.target = target;
    this.#handle = handle;
    this.#origin = origin;
    this.#digester = digester;
  }

  /** Opens the part of an earlier attempt, or creates one. */
  static async open(target: string, signal: AbortSignal): Promise<Part> {
    const origin = await readOrigin(target);
    return onDisk(target, async () => {
      // Never follows a link that somebody placed there.
      const handle = await open(`${target}.part`, constants.O_RDWR | constants.O_CREAT | noFollow);
      try {
        if (!origin) await handle.truncate(0);
        return new Part(target, handle, origin, await digestedSoFar(handle, signal));
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  get length(): number {
    return this.#digester.size;
  }

  get etag(): string | undefined {
    return this.#origin?.etag ?? undefined;
  }

  /** The size of the whole file, if known. */
  get size(): number | undefined {
    return this.#origin?.size ?? undefined;
  }

  /** Whether its bytes come from this address. */
  isFrom(address: Address): boolean {
    return this.#origin?.address === keyOf(address);
  }

  /** Starts over with the bytes of another response. */
  async begin(address: Address, { etag, size }: Validators): Promise<void> {
    await this.clear();
    this.#origin = { address: keyOf(address), etag: etag ?? null, size: size ?? null };
    const [file, temporary] = [`${this.target}.part.json`, `${this.target}.part.json.new`];
    await onDisk(this.target, async () => {
      await writeFile(temporary, JSON.stringify(this.#origin));
      await rename(temporary, file);
    });
  }

  async append(bytes: Uint8Array): Promise<void> {
    await onDisk(this.target, async () => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.length + done);
        done += bytesWritten;
      }
    });
    this.#digester.update(bytes);
  }

  /** Drops all bytes. */
  async clear(): Promise<void> {
    await onDisk(this.target, () => this.#handle.truncate(0));
    await rm(`${this.target}.part.json`, { force: true });
    this.#origin = undefined;
    this.#digester = new Digester();
  }

  digests(): Digests {
    return this.#digester.digests();
  }

  /** Renames the complete, verified file to its final name. */
  async finish(): Promise<void> {
    await onDisk(this.target, async () => {
      await this.#handle.sync();
      await rename(`${this.target}.part`, this.target);
    });
    await this.#remove();
  }

  /** Closes the file; received bytes stay for the next attempt. */
  async close(): Promise<void> {
    await this.#handle.close();
    if (this.length === 0) await this.#remove();
  }

  async #remove(): Promise<void> {
    for (const end of ['.part', '.part.json', '.part.json.new']) await rm(`${this.target}${end}`, { force: true });
  }
}

const keyOf = ({ url }: Address) => createHash('sha256').update(url.href).digest('hex');

async function readOrigin(target: string): Promise<Origin | undefined> {
  try {
    return originSchema.safeParse(JSON.parse(await readFile(`${target}.part.json`, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

async function digestedSoFar(handle: FileHandle, signal: AbortSignal): Promise<Digester> {
  const digester = new Digester();
  const block = Buffer.alloc(1 << 20);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(block, 0, block.length, digester.size);
    if (bytesRead === 0) return digester;
    digester.update(block.subarray(0, bytesRead));
  }
}

/** @throws FaroutError OOD_NO_SPACE or OOD_OUTPUT_FAILED when the file system refuses. */
export async function onDisk<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code))
      throw new FaroutError(
        'OOD_NO_SPACE',
        `no space for ${path.basename(target)} in ${path.dirname(target)} (${code})`,
        {
          fix: 'Free some space, and run the same command again: the download resumes.',
          cause,
        },
      );
    if (code === '' || (cause as Error).name === 'AbortError') throw cause;
    throw new FaroutError('OOD_OUTPUT_FAILED', `cannot read or write ${target}: ${message}`, { cause });
  }
}
