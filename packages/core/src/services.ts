/**
 * The names of the services that a plugin may replace. `Symbol.for`, so that two copies of this file mean the same.
 */
export const tokens = {
  device: Symbol.for('farout.device'),
  logger: Symbol.for('farout.logger'),
  progress: Symbol.for('farout.progress'),
  store: Symbol.for('farout.store'),
  clock: Symbol.for('farout.clock'),
} as const;

/** What networks run on. */
export type Device = 'cuda' | 'webgpu' | 'cpu';

/** What an experiment may ask for: one device, or the first that works. */
export type DeviceChoice = Device | 'auto';

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

/** Where a run says what it does; one sentence a call, never part of the result. */
export interface Logger {
  /** What happens. */
  readonly info: (sentence: string) => void;
  /** What the user should look at; the run goes on. */
  readonly warn: (sentence: string) => void;
}

/** Shows how far a stage has come. One stage at a time. */
export interface Progress {
  /**
   * Begins a stage of `total` images, of which `done` are there already from an earlier run. `unit` says what is counted
   * where it is no images: processes that load the network, files that are hashed.
   */
  readonly start: (stage: string, total: number, done: number, unit?: string) => void;
  /** So many more are done. */
  readonly advance: (more: number) => void;
  /** Ends the stage, also when it was not finished. */
  readonly stop: () => void;
}

/** The time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
