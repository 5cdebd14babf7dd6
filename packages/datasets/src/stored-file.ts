import { createHash } from 'node:crypto';
import { addressOfEntry, FaroutError, storageAt, type Storage, type StoredEntry } from '@farout/core';
import type { PackedBytes } from './packed-file.ts';

/** Block size of a request: with small images, a header is not worth a separate request. */
const blockBytes = 2 ** 22;

/** A file of many images in a storage, read in ranges. Keeps one block in memory. */
export class StoredFile implements PackedBytes {
  /** The address of the file. */
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly version: string;
  readonly entry: StoredEntry;
  readonly storage: Storage;
  #held: { readonly start: number; readonly bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  /** `root`: the address the storage was opened at. */
  constructor(storage: Storage, root: string, entry: StoredEntry) {
    this.storage = storage;
    this.entry = entry;
    this.path = addressOfEntry(root, entry.key);
    this.name = entry.key.slice(entry.key.lastIndexOf('/') + 1);
    this.size = entry.size;
    this.version = createHash('sha256')
      .update(JSON.stringify([entry.version, entry.size]))
      .digest('hex')
      .slice(0, 32);
  }

  /** @throws FaroutError OOD_DATASET_INVALID when it does not exist. */
  static async open(address: string): Promise<StoredFile> {
    const end = address.lastIndexOf('/');
    const [root, key] = [address.slice(0, end), decodeURIComponent(address.slice(end + 1))];
    const storage = await storageAt(root);
    const entry = (await storage.list(key)).entries.find((each) => each.key === key);
    if (entry && key !== '') return new StoredFile(storage, root, entry);
    throw new FaroutError('OOD_DATASET_INVALID', `there is no ${address}`, { fix: 'Correct the address.' });
  }

  refusal(what: string, details: { readonly fix?: string; readonly cause?: unknown } = {}): FaroutError {
    return new FaroutError('OOD_DATASET_INVALID', `${this.path}: ${what}`, {
      fix: 'The file is damaged, or is the wrong one: upload it again.',
      ...details,
    });
  }

  /** Runs `use` directly: there is no open file. */
  during<T>(use: () => Promise<T>): Promise<T> {
    return use();
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || length < 0 || offset + length > this.size)
      throw this.refusal(`it ends at byte ${this.size}, but its content should end at ${offset + length}`);
    if (length >= blockBytes) return this.#fetch(offset, length);
    const from = offset - this.#held.start;
    if (from < 0 || from + length > this.#held.bytes.length)
      this.#held = { start: offset, bytes: await this.#fetch(offset, Math.min(blockBytes, this.size - offset)) };
    const at = offset - this.#held.start;
    return Buffer.from(this.#held.bytes.subarray(at, at + length));
  }

  async #fetch(offset: number, length: number): Promise<Buffer> {
    return Buffer.from(await this.storage.readVersion(this.entry, { offset, length }));
  }
}
