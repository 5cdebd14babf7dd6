import { createHash } from 'node:crypto';
import type { Logger, Store, z } from '@farout/core';

/**
 * Entries of a store that can be verified: JSON with the SHA-256 of its data, and bytes whose SHA-256 is recorded in
 * such JSON. An entry that was damaged or edited is reported and counts as missing, so that it is computed again.
 */
export class Entries {
  readonly #store: Store;
  readonly #logger: Pick<Logger, 'warn'>;

  constructor({ store, logger }: { readonly store: Store; readonly logger: Pick<Logger, 'warn'> }) {
    this.#store = store;
    this.#logger = logger;
  }

  async readJson<S extends z.ZodType>(key: string, schema: S): Promise<z.output<S> | undefined> {
    const bytes = await this.#store.read(key);
    if (!bytes) return undefined;
    const { data } = schema.safeParse(unsealed(bytes));
    if (data === undefined) this.#damaged(key);
    return data;
  }

  writeJson(key: string, data: unknown): Promise<void> {
    return this.#store.write(key, sealed(data));
  }

  /** The bytes with this SHA-256. */
  async readBytes(key: string, hash: string): Promise<Uint8Array | undefined> {
    const bytes = await this.#store.read(key);
    if (!bytes || hashBytes(bytes) === hash) return bytes;
    this.#damaged(key);
    return undefined;
  }

  /** The same for entries that may be too large to read at once: reads them in blocks. */
  async readLarge(key: string, hash: string): Promise<Uint8Array | undefined> {
    const blocks: Uint8Array[] = [];
    for (let offset = 0, length = blockBytes; length === blockBytes; offset += length) {
      const block = await this.#store.readRange(key, offset, blockBytes);
      if (!block) return undefined;
      blocks.push(block);
      length = block.length;
    }
    if (hashBytes(blocks) === hash) return blocks.length === 1 ? blocks[0] : Buffer.concat(blocks);
    this.#damaged(key);
    return undefined;
  }

  /** Returns the SHA-256 needed to read the bytes again. */
  async writeBytes(key: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<string> {
    await this.#store.write(key, bytes);
    return hashBytes(bytes);
  }

  #damaged(key: string): void {
    this.#logger.warn(`The store's entry ${key} is damaged; its content is computed again.`);
  }
}

/** JSON with the SHA-256 of its data. */
export const sealed = (data: unknown): Uint8Array => Buffer.from(JSON.stringify({ sha256: hashData(data), data }));

const blockBytes = 2 ** 26;

/** The data of a JSON entry; undefined if it is malformed or does not match its SHA-256. */
export function unsealed(bytes: Uint8Array): unknown {
  try {
    const { sha256, data } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
    return sha256 === hashData(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256 in hexadecimal, of bytes or of consecutive parts. */
export function hashBytes(bytes: Uint8Array | readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) hash.update(part);
  return hash.digest('hex');
}

/** SHA-256 in hexadecimal of plain data: of its JSON, so the order of keys matters. */
export const hashData = (data: unknown): string => createHash('sha256').update(JSON.stringify(data)).digest('hex');
