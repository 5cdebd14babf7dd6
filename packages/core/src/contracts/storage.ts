import type { Store } from '../services.ts';
import type { About } from './part.ts';

/** An entry in a listing. */
export interface StoredEntry {
  /** Relative to the address at which the storage was opened. */
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** Identifies its bytes: different bytes under the same key have a different version. */
  readonly version: string;
  /** When it was written, by the storage's clock, in milliseconds since 1970. */
  readonly modified: number;
}

/** A page of entries, ordered by the bytes of their keys. */
export interface ListedEntries {
  readonly entries: readonly StoredEntry[];
  /** Whether more follow the last one. */
  readonly more: boolean;
}

/** The entries below an address: a store, images, archives. Keys are relative to the address, with forward slashes. */
export interface Storage extends Store {
  /** A page of the entries whose keys start with `prefix`, after the key `after`. To get all, call it until there are no more. */
  readonly list: (prefix: string, after?: string) => Promise<ListedEntries>;
  /**
   * Reads an entry, or a range of it, in the version that was listed.
   *
   * @throws EntryGone when it no longer exists, or has changed.
   */
  readonly readVersion: (
    entry: Pick<StoredEntry, 'key' | 'version'>,
    stretch?: { readonly offset?: number; readonly length?: number },
  ) => Promise<Uint8Array>;
  /** Removes entries; missing ones are ignored. */
  readonly remove: (keys: readonly string[]) => Promise<void>;
}

/** A storage for addresses with a scheme; `store:` of an experiment and the paths of datasets may use such addresses. */
export interface StorageDefinition {
  /** The scheme, without `://`. */
  readonly name: string;
  readonly about?: About;
  /**
   * Opens the storage below an address, without any request yet.
   *
   * @throws FaroutError OOD_BAD_PARAMETER for an invalid address.
   */
  readonly open: (address: string) => Storage;
}

/** Types a storage. See `StorageDefinition`. */
export const defineStorage = (definition: StorageDefinition): StorageDefinition => definition;
