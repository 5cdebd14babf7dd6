/**
 * Where a run keeps what must not be computed twice: values by key, written whole or not at all. Keys are made of
 * content (hashes), so that an entry never becomes wrong; only lists of what is there are written again: of a shard's rows,
 * of shards, and of files.
 *
 * The interface is what object storage offers too: no listing, no appending, no locks.
 */
export interface Store {
  /** The bytes of an entry; undefined when there is none. */
  readonly read: (key: string) => Promise<Uint8Array | undefined>;
  /** Writes an entry at once: a reader sees the former bytes or the new ones, also when the process is killed. */
  readonly write: (key: string, bytes: Uint8Array) => Promise<void>;
}
