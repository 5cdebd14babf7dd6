import type { ImageRecipe } from './contracts/backbone.ts';
import type { ImageAddress, ImageFile, Stretch } from './contracts/dataset.ts';

/**
 * The names of the services that a plugin may replace. `Symbol.for`, so that two copies of this file mean the same.
 */
export const tokens = {
  device: Symbol.for('farout.device'),
  logger: Symbol.for('farout.logger'),
  progress: Symbol.for('farout.progress'),
  store: Symbol.for('farout.store'),
  clock: Symbol.for('farout.clock'),
  executor: Symbol.for('farout.executor'),
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
  /** So many bytes of an entry from an offset on, fewer where it ends before; undefined when there is no entry. */
  readonly readRange: (key: string, offset: number, length: number) => Promise<Uint8Array | undefined>;
  /** Writes an entry at once: a reader sees the former bytes or the new ones, also when the process is killed. Parts follow one another. */
  readonly write: (key: string, bytes: Uint8Array | readonly Uint8Array[]) => Promise<void>;
  /** Writes an entry at once where there is none; false where there is one, which stays as it is. */
  readonly create: (key: string, bytes: Uint8Array) => Promise<boolean>;
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

/**
 * A stretch of a dataset's images, and what is wanted of each: plain data, so that it can be sent anywhere. Whoever executes it opens
 * store and dataset from what is said here, and leaves rows in the store; nothing else comes back.
 */
export interface ExtractionTask {
  /** What messages call the dataset. */
  readonly dataset: string;
  /** Absolute folder of the store, or its address; where neither is one, the plugins bring it. */
  readonly store: string;
  /** The plugins of the experiment, as they are found from any folder. */
  readonly plugins: readonly string[];
  /** How the dataset is opened: the kind's name with its parameters, as an experiment writes it. */
  readonly source: Readonly<Record<string, unknown>>;
  /** Where the store keeps what is known of the stretch. */
  readonly place: string;
  /** The images by their number in the whole listing of the source; those in files and behind addresses come with where they lie. */
  readonly images: readonly TaskImage[];
  /** How an image becomes the input of the graphs. */
  readonly recipe: Pick<ImageRecipe, 'resize' | 'crop' | 'interpolation' | 'sides'>;
  readonly device: Device;
  /** Graphs by the SHA-256 under which the store has them, and the reading that each output is. */
  readonly graphs: readonly { readonly hash: string; readonly outputs: Readonly<Record<string, string>> }[];
}

/** An image of a task. */
export interface TaskImage extends Partial<Pick<ImageFile & ImageAddress, 'path' | 'url' | 'version' | keyof Stretch>> {
  readonly row: number;
  readonly id: string;
}

/** What became of a task, besides the rows in the store. */
export interface TaskOutcome {
  /** How many images were decoded. */
  readonly read: number;
  /** Images that were left out for no fault of their bytes: nothing of them is stored. */
  readonly left: readonly { readonly row: number; readonly reason: string }[];
}

/**
 * Where images are read and graphs are run. Without one, a run starts processes of its own. The store is the only meeting point: a
 * task that is stopped leaves the rows it has, and what is still missing afterwards the run makes itself.
 */
export interface Executor {
  /** Executes tasks in any order; `done` is told how many images more are done. */
  readonly run: (
    tasks: readonly ExtractionTask[],
    at: { readonly signal: AbortSignal; readonly done: (images: number) => void },
  ) => Promise<readonly TaskOutcome[]>;
}
