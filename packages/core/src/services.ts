import type { ImageRecipe } from './contracts/backbone.ts';
import type { ImageAddress, ImageFile, Stretch } from './contracts/dataset.ts';

/** The names of the services that a plugin may replace. `Symbol.for`, so that two copies of this file share them. */
export const tokens = {
  device: Symbol.for('farout.device'),
  logger: Symbol.for('farout.logger'),
  progress: Symbol.for('farout.progress'),
  store: Symbol.for('farout.store'),
  clock: Symbol.for('farout.clock'),
  executor: Symbol.for('farout.executor'),
} as const;

/** The devices that networks run on. */
export type Device = 'cuda' | 'webgpu' | 'cpu';

/** What an experiment can ask for: one device, or the first that works. */
export type DeviceChoice = Device | 'auto';

/**
 * Where a run keeps what should not be computed twice: values by key, written atomically. Keys are content hashes, so an entry never
 * becomes stale; only the lists of a shard's rows, of shards, and of files are rewritten.
 *
 * The interface requires only what object storage also offers: no listing, no appending, no locks.
 */
export interface Store {
  /** The bytes of an entry; undefined when there is none. */
  readonly read: (key: string) => Promise<Uint8Array | undefined>;
  /** `length` bytes of an entry from an offset on, fewer if it ends before; undefined if there is no entry. */
  readonly readRange: (key: string, offset: number, length: number) => Promise<Uint8Array | undefined>;
  /** Writes an entry atomically: a reader sees the old bytes or the new ones, even if the process is killed. Several arrays are concatenated. */
  readonly write: (key: string, bytes: Uint8Array | readonly Uint8Array[]) => Promise<void>;
  /** Writes an entry atomically if there is none; returns false if there is one, which stays unchanged. */
  readonly create: (key: string, bytes: Uint8Array) => Promise<boolean>;
}

/** Where a run reports what it does; one sentence per call, never part of the result. */
export interface Logger {
  /** Reports progress. */
  readonly info: (sentence: string) => void;
  /** Reports something the user should check; the run continues. */
  readonly warn: (sentence: string) => void;
}

/** Shows the progress of a stage. One stage at a time. */
export interface Progress {
  /**
   * Starts a stage of `total` images, of which `done` exist already from an earlier run. `unit` says what is counted if not images:
   * processes that load the network, files that are hashed.
   */
  readonly start: (stage: string, total: number, done: number, unit?: string) => void;
  /** Adds to the number done. */
  readonly advance: (more: number) => void;
  /** Ends the stage, even if it is not finished. */
  readonly stop: () => void;
}

/** The time, which tests can replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * A range of a dataset's images, and what to compute for each: plain data, so that it can be sent anywhere. The executor opens the store
 * and the dataset from this description and writes rows to the store; nothing else is returned.
 */
export interface ExtractionTask {
  /** The dataset's name in messages. */
  readonly dataset: string;
  /** The store's absolute folder, or its address; if it is neither, plugins provide the store. */
  readonly store: string;
  /** The plugins of the experiment, in a form that resolves from any folder. */
  readonly plugins: readonly string[];
  /** How to open the dataset: the name of its kind with its parameters, as in an experiment. */
  readonly source: Readonly<Record<string, unknown>>;
  /** The key prefix in the store for this range. */
  readonly place: string;
  /** The images by their index in the source's listing; images in files and at URLs come with their location. */
  readonly images: readonly TaskImage[];
  /** How an image becomes the input of the graphs. */
  readonly recipe: Pick<ImageRecipe, 'resize' | 'crop' | 'interpolation' | 'sides'>;
  readonly device: Device;
  /** Graphs by their SHA-256 in the store, and the reading that each output represents. */
  readonly graphs: readonly { readonly hash: string; readonly outputs: Readonly<Record<string, string>> }[];
}

/** An image of a task. */
export interface TaskImage extends Partial<Pick<ImageFile & ImageAddress, 'path' | 'url' | 'version' | keyof Stretch>> {
  readonly row: number;
  readonly id: string;
}

/** The outcome of a task, besides the rows in the store. */
export interface TaskOutcome {
  /** The number of images decoded. */
  readonly read: number;
  /** Images that were skipped although their bytes are not at fault; nothing is stored for them. */
  readonly left: readonly { readonly row: number; readonly reason: string }[];
}

/**
 * Where images are read and graphs are run. Without one, a run starts its own processes. Everything is exchanged through the store: a
 * stopped task leaves the rows it has, and the run computes what is still missing itself.
 */
export interface Executor {
  /** Executes tasks in any order; calls `done` with the number of newly finished images. */
  readonly run: (
    tasks: readonly ExtractionTask[],
    at: { readonly signal: AbortSignal; readonly done: (images: number) => void },
  ) => Promise<readonly TaskOutcome[]>;
}
