import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { FaroutError } from '@farout/core';
import { Refusal } from './refusal.ts';

/** The most that one read asks for; Node refuses 2 GiB and more. */
const largestRead = 2 ** 30;

/**
 * How far small reads look ahead. The parts of a checkpoint are mostly small and next to each other, and a round trip to
 * the file costs more than they do: with it, ResNet-50's 1,300 reads are 170.
 */
const lookAhead = 2 ** 14;

/** A file that is read at any place, and never past its end. */
export class OpenFile {
  readonly size: number;
  readonly #handle: FileHandle;
  #ahead = { start: 0, bytes: new Uint8Array(0) };

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  /**
   * `length` bytes from `position` on, in a buffer of their own.
   *
   * @throws Refusal when the file does not reach that far; `what` says in it what was looked for. No memory is taken then.
   */
  async read(position: number, length: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    if (!(position + length <= this.size)) {
      throw new Refusal(`${what} would end at byte ${position + length}, but the file has ${this.size} bytes`);
    }
    if (length > lookAhead / 2) return this.#fetch(position, length, what);
    const { start, bytes } = this.#ahead;
    if (position < start || position + length > start + bytes.length) {
      const fetched = await this.#fetch(position, Math.min(lookAhead, this.size - position), what);
      this.#ahead = { start: position, bytes: fetched };
      return fetched.slice(0, length);
    }
    return bytes.slice(position - start, position - start + length);
  }

  async #fetch(position: number, length: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const wanted = Math.min(length - done, largestRead);
      const { bytesRead } = await this.#handle.read(bytes, done, wanted, position + done);
      if (bytesRead === 0) throw new Refusal(`the file became shorter while ${what} was read`);
      done += bytesRead;
    }
    return bytes;
  }
}

/** To open a pipe would wait for somebody who writes to it, perhaps forever. Windows has no such flag, which then counts as 0. */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a file for as long as `use` runs.
 *
 * @throws FaroutError OOD_MISSING_FILE when there is no such file or it cannot be opened.
 */
export async function withFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const handle = await open(path, withoutWaiting).catch((cause: unknown) => {
    throw missing(`${path} cannot be opened`, cause);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw missing(`${path} is not a file`);
    return await use(new OpenFile(handle, stats.size));
  } finally {
    await handle.close();
  }
}

const missing = (message: string, cause?: unknown) =>
  new FaroutError('OOD_MISSING_FILE', message, { fix: 'Name a file that exists and may be read.', cause });
