import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { FaroutError } from '@farout/core';

/** Opening a pipe would otherwise block until a writer appears. */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;

/** Block size for sequential reading. */
const blockBytes = 2 ** 20;

const nothing = { start: 0, end: 0, bytes: Promise.resolve(Buffer.alloc(0)) };

/** What readers of archives need from a file, local or remote. */
export type PackedBytes = Pick<PackedFile, 'path' | 'name' | 'size' | 'version' | 'refusal' | 'during' | 'read'>;

/** A file of many images, read in ranges. Keeps one block in memory, however large the file is. */
export class PackedFile {
  readonly path: string;
  /** The file name without folders. */
  readonly name: string;
  readonly size: number;
  /** Identifies its bytes: path, size, and modification times, including that of the inode, which programs cannot set. */
  readonly version: string;
  readonly #blockBytes: number;
  #held: { readonly start: number; readonly end: number; readonly bytes: Promise<Buffer> } = nothing;
  #handle: FileHandle | undefined;

  private constructor(path: string, stats: Stats, block: number) {
    this.path = path;
    this.name = basename(path);
    this.size = stats.size;
    this.version = versionOf(path, stats);
    this.#blockBytes = block;
  }

  /** @throws FaroutError OOD_DATASET_INVALID when it is not a file or cannot be opened. */
  static async open(path: string, block = blockBytes): Promise<PackedFile> {
    const handle = await open(path, withoutWaiting).catch((cause: unknown) => {
      const { code = 'unknown' } = cause as NodeJS.ErrnoException;
      throw new FaroutError('OOD_DATASET_INVALID', `${path} cannot be read (${code})`, {
        fix: 'Check that it exists, is a file, and is readable.',
        cause,
      });
    });
    try {
      const stats = await handle.stat();
      if (stats.isFile()) return new PackedFile(path, stats, block);
    } finally {
      await handle.close();
    }
    throw new FaroutError('OOD_DATASET_INVALID', `${path} is not a file`);
  }

  /** An error that names the file. */
  refusal(what: string, details: { readonly fix?: string; readonly cause?: unknown } = {}): FaroutError {
    return new FaroutError('OOD_DATASET_INVALID', `${this.path}: ${what}`, {
      fix: 'The file is damaged, or is the wrong one: download or copy it again.',
      ...details,
    });
  }

  /** Keeps the file open while `use` runs, then releases file and buffer. */
  async during<T>(use: () => Promise<T>): Promise<T> {
    this.#handle = await open(this.path, withoutWaiting);
    try {
      return await use();
    } finally {
      const handle = this.#handle;
      this.#handle = undefined;
      this.#held = nothing;
      await handle.close();
    }
  }

  /**
   * Reads `length` bytes from `offset` into new memory.
   *
   * @throws FaroutError OOD_DATASET_INVALID when the file is too short, checked before memory is allocated, or has changed.
   */
  async read(offset: number, length: number): Promise<Buffer> {
    this.#assertWithin(offset, length);
    if (length >= this.#blockBytes) return this.#fetch(offset, length);
    if (offset < this.#held.start || offset + length > this.#held.end) this.#hold(offset, length);
    const { start, bytes } = this.#held;
    return Buffer.from((await bytes).subarray(offset - start, offset - start + length));
  }

  /** Like `read`, but fills existing memory. */
  async readInto(bytes: Uint8Array, offset: number): Promise<void> {
    this.#assertWithin(offset, bytes.length);
    await this.#fill(bytes, offset);
  }

  #assertWithin(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.size) return;
    throw this.refusal(`it ends at byte ${this.size}, but its content should end at ${offset + length}`);
  }

  /** Reads ahead if reading continues near the last position; reads only what is requested after a jump. */
  #hold(offset: number, length: number): void {
    const gap = offset - this.#held.end;
    const isNear = gap > -this.#blockBytes && gap <= this.#blockBytes / 4;
    const end = Math.min(this.size, offset + Math.max(length, isNear ? this.#blockBytes : 0));
    this.#held = { start: offset, end, bytes: this.#fetch(offset, end - offset) };
    // The reader of this block gets the error; there may be none.
    this.#held.bytes.catch(() => (this.#held = nothing));
  }

  async #fetch(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    await this.#fill(bytes, offset);
    return bytes;
  }

  async #fill(bytes: Uint8Array, offset: number): Promise<void> {
    if (this.#handle) return this.#fillBy(this.#handle, bytes, offset);
    const handle = await open(this.path, withoutWaiting);
    try {
      this.#compare(await handle.stat());
      await this.#fillBy(handle, bytes, offset);
    } finally {
      await handle.close();
    }
  }

  /** @throws FaroutError OOD_DATASET_INVALID when it has changed since it was opened. */
  async assertSame(): Promise<void> {
    this.#compare(await stat(this.path));
  }

  #compare(stats: Stats): void {
    if (versionOf(this.path, stats) !== this.version)
      throw this.refusal('it changed after the dataset was opened', { fix: 'Run the experiment again.' });
  }

  async #fillBy(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, offset + done);
      if (bytesRead === 0) throw this.refusal('it became shorter while it was read');
      done += bytesRead;
    }
  }
}

function versionOf(path: string, { dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  const hash = createHash('sha256').update(JSON.stringify([path, dev, ino, size, mtimeMs, ctimeMs]));
  return hash.digest('hex').slice(0, 32);
}
