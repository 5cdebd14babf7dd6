import type { Store } from '../services.ts';
import type { About } from './part.ts';

/** What a listing says of an entry. */
export interface StoredEntry {
  /** Relative to the address that the storage was opened at. */
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** Stands for its bytes: other bytes under the key have another version. */
  readonly version: string;
  /** When it was written, by the storage's own clock, in milliseconds since 1970. */
  readonly modified: number;
}

/** Some entries, in the order of the bytes of their keys. */
export interface ListedEntries {
  readonly entries: readonly StoredEntry[];
  /** Whether more follow the last one. */
  readonly more: boolean;
}

/** What lies below an address: a store, images, archives. Keys are relative to the address, with forward slashes. */
export interface Storage extends Store {
  /** A page of the entries whose keys begin so, those behind the key `after`. Whoever wants all asks until there are no more. */
  readonly list: (prefix: string, after?: string) => Promise<ListedEntries>;
  /**
   * An entry, or a stretch of it, as it was when it was listed.
   *
   * @throws EntryGone when it is not there any more, or has become another.
   */
  readonly readVersion: (
    entry: Pick<StoredEntry, 'key' | 'version'>,
    stretch?: { readonly offset?: number; readonly length?: number },
  ) => Promise<Uint8Array>;
  /** Removes entries; one that is not there is none too many. */
  readonly remove: (keys: readonly string[]) => Promise<void>;
}

/** Storage behind addresses of a scheme: `store:` of an experiment and the paths of datasets may name such addresses. */
export interface StorageDefinition {
  /** The scheme, without `://`. */
  readonly name: string;
  readonly about?: About;
  /**
   * Opens what lies below an address. Nothing is asked yet.
   *
   * @throws FaroutError OOD_BAD_PARAMETER for an address that can lead nowhere.
   */
  readonly open: (address: string) => Storage;
}

/** Types a storage. See `StorageDefinition`. */
export const defineStorage = (definition: StorageDefinition): StorageDefinition => definition;
