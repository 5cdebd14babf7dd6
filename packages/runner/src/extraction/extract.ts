import { FaroutError, type FailedDetector } from '@farout/core';
import { recipeKey } from '@farout/images';
import { onnxruntimeVersion } from '@farout/runtime';
import type { Services } from '../container.ts';
import type { Experiment } from '../experiment.ts';
import { refuseMachineFault } from '../plugins/failure.ts';
import { tryGraph } from './trials.ts';
import { Entries, hashData } from '../store/entries.ts';
import { Claims } from './claims.ts';
import { extractCut, fill } from './extract-dataset.ts';
import { execute, noteLeft, storedGraphs } from './executor.ts';
import { featuresWhat, readingGraph, uniqueReadings, type Reading } from './graphs.ts';
import {
  cutListing,
  FileIndex,
  lacking,
  lookUp,
  type Cut,
  type Extraction,
  type Filling,
  type ListedDataset,
} from './look-up.ts';
import { withPool } from './open-pool.ts';
import { RowSet } from './row-set.ts';
import { Shards } from './shards.ts';

/** What a pass over images runs with. */
export interface ImagePass {
  readonly experiment: Experiment;
  readonly services: Pick<Services, 'store' | 'logger' | 'progress' | 'device' | 'executor'>;
  readonly signal: AbortSignal;
}

/** What is read of a dataset's images. */
export interface Wanted {
  readonly dataset: ListedDataset;
  readonly readings: readonly Reading[];
}

/** What a pass came to. */
export interface PassResult {
  /** How many images it decoded. */
  readonly read: number;
  /** Readings whose graph onnxruntime does not open or run, by their keys, with what it says. */
  readonly refused: ReadonlyMap<string, unknown>;
}

/** A hash of all that decides what a graph makes of an image besides the image itself. */
export function readingKey(
  { experiment, services }: Pick<ImagePass, 'experiment' | 'services'>,
  graphHash: string,
): string {
  return hashData([graphHash, ...recipeKey(experiment.backbone.params), services.device, onnxruntimeVersion]);
}

/**
 * One pass over images: each is decoded once for all that is wanted of it and not in the store. What it makes goes to the sets, which
 * are new ones in the first pass. The worker processes live as long as the pass; a set whose rows the store loses later on starts
 * others.
 *
 * @throws FaroutError OOD_NO_IMAGES_LEFT for a set of which none can be read; OOD_ONNX_REFUSED and the like for the features.
 */
export async function extract(
  wanted: ReadonlyMap<string, Wanted>,
  sets: Map<string, RowSet>,
  pass: ImagePass,
): Promise<PassResult> {
  const refused = new Map<string, unknown>();
  let read = 0;
  for (;;) {
    try {
      return { read: read + (await new Extracting(without(wanted, refused), sets, pass).run()), refused };
    } catch (error) {
      refuseOthers(error, pass);
      const found = await refusals(wanted, refused, pass);
      const alone = found.size > 0 ? { read: 0, refused: found } : await oneByOne(without(wanted, refused), sets, pass);
      if (alone.refused.size === 0) throw error;
      read += alone.read;
      for (const [key, reason] of alone.refused) refused.set(key, reason);
    }
  }
}

/**
 * Readings whose graphs run on noise fail on some image: each is made by itself, after the features. What is made stays in the store.
 *
 * @throws what the features fail by
 */
async function oneByOne(
  wanted: ReadonlyMap<string, Wanted>,
  sets: Map<string, RowSet>,
  pass: ImagePass,
): Promise<PassResult> {
  const all = uniqueReadings([...wanted.values()].flatMap(({ readings }) => readings));
  const refused = new Map<string, unknown>();
  const [features, others] = [all.filter(isFeatures), all.filter((reading) => !isFeatures(reading))];
  if (others.length === 0) return { read: 0, refused };
  let read = features.length > 0 ? await new Extracting(chosen(wanted, isFeatures), sets, pass).run() : 0;
  for (const { key } of others) {
    const one = chosen(wanted, (reading) => reading.key === key || isFeatures(reading));
    try {
      read += await new Extracting(one, sets, pass).run();
    } catch (error) {
      refuseOthers(error, pass);
      refused.set(key, error);
    }
  }
  return { read, refused };
}

const isFeatures = ({ what }: Reading) => what === featuresWhat;

/** @throws what no graph is to blame for */
function refuseOthers(error: unknown, { signal }: ImagePass): void {
  signal.throwIfAborted();
  refuseMachineFault(error);
  if (!(error instanceof FaroutError) || !ofGraphs.has(error.code)) throw error;
}

/** A set that lacks readings is read without those that onnxruntime refuses. */
const without = (wanted: ReadonlyMap<string, Wanted>, refused: ReadonlyMap<string, unknown>) =>
  chosen(wanted, ({ key }) => !refused.has(key));

const chosen = (wanted: ReadonlyMap<string, Wanted>, is: (reading: Reading) => boolean): ReadonlyMap<string, Wanted> =>
  new Map([...wanted].map(([name, { dataset, readings }]) => [name, { dataset, readings: readings.filter(is) }]));

/**
 * The readings that a failed pass failed by: each graph is tried alone, in a process apart. None where the features themselves fail, or
 * where all run.
 */
async function refusals(
  wanted: ReadonlyMap<string, Wanted>,
  known: ReadonlyMap<string, unknown>,
  { experiment, services: { device } }: ImagePass,
): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  const all = new Map(
    [...wanted.values()].flatMap(({ readings }) => readings.map((each) => [each.key, each] as const)),
  );
  for (const reading of all.values()) {
    if (isFeatures(reading) || known.has(reading.key)) continue;
    try {
      await tryGraph(reading.what, readingGraph([reading], device), experiment.backbone.params.crop, device);
    } catch (reason) {
      found.set(reading.key, reason);
    }
  }
  return found;
}

/** What a graph that cannot be opened or run ends a pass with. */
const ofGraphs: ReadonlySet<FailedDetector['code']> = new Set([
  'OOD_ONNX_REFUSED',
  'OOD_WORKER_DIED',
  'OOD_DEVICE_UNAVAILABLE',
]);

/** A dataset with what the store knows of its images. */
export interface Found {
  readonly name: string;
  readonly wanted: Wanted;
  fillings: readonly Filling[];
  /** How many images an executor has read of it. */
  read: number;
}

/** One try of a pass. */
class Extracting {
  readonly #wanted: ReadonlyMap<string, Wanted>;
  readonly #sets: Map<string, RowSet>;
  readonly #pass: ImagePass;
  readonly #entries: Entries;
  readonly #index: FileIndex;
  readonly #claims: Claims;
  readonly #shards = new Map<string, Shards>();

  constructor(wanted: ReadonlyMap<string, Wanted>, sets: Map<string, RowSet>, pass: ImagePass) {
    this.#wanted = wanted;
    this.#sets = sets;
    this.#pass = pass;
    this.#entries = new Entries(pass.services);
    this.#index = new FileIndex(this.#entries);
    this.#claims = new Claims(pass.services.store, pass.services.logger);
  }

  /** Says how many images were read. */
  async run(): Promise<number> {
    const found: Found[] = [];
    for (const [name, wanted] of this.#wanted) {
      const extraction = this.#extraction(wanted.readings, () => Promise.reject(new Error('nothing is read yet')));
      found.push({ name, wanted, read: 0, fillings: await lookUp(name, cutListing(wanted.dataset), extraction) });
    }
    const readings = this.#lacking(found);
    const images = found.reduce((sum, { wanted }) => sum + wanted.dataset.images.length, 0);
    let all = readings.length > 0 ? await this.#executeElsewhere(found, readings) : 0;
    await withPool(this.#pass, readings, images, async (pool) => {
      for (const { name, wanted, fillings, read: elsewhere } of found) {
        const read = await fill(name, fillings, this.#extraction(wanted.readings, pool));
        all += read;
        this.#take(name, wanted, fillings, elsewhere + read);
      }
    });
    sayWhenAllIsThere(this.#sets, all, this.#pass);
    return all;
  }

  /** What any image of these lacks. */
  #lacking(found: readonly Found[]): Reading[] {
    const needed = new Set(found.flatMap(({ fillings }) => fillings.flatMap(lackingIn)));
    return this.#readings().filter(({ key }) => needed.has(key));
  }

  /** Hands what is missing to the run's executor, if it has one, and looks up again what that has left in the store. */
  async #executeElsewhere(found: Found[], readings: readonly Reading[]): Promise<number> {
    const { executor } = this.#pass.services;
    if (!executor) return 0;
    const graphs = await storedGraphs(readings, this.#pass);
    for (const each of found) {
      const outcomes = await execute(executor, each, graphs, this.#pass);
      each.read = outcomes.reduce((sum, outcome) => sum + outcome.read, 0);
      this.#shards.clear();
      const extraction = this.#extraction(each.wanted.readings, () => Promise.reject(new Error('nothing is read yet')));
      each.fillings = await lookUp(each.name, cutListing(each.wanted.dataset), extraction);
      noteLeft(each.fillings, each.wanted.dataset, outcomes);
    }
    return found.reduce((sum, { read }) => sum + read, 0);
  }

  /** All that is wanted of any set, each once. */
  #readings(): Reading[] {
    const all = [...this.#wanted.values()].flatMap(({ readings }) => readings);
    return uniqueReadings(all);
  }

  #take(name: string, { readings }: Wanted, fillings: readonly Filling[], read: number): void {
    const set = this.#sets.get(name);
    const shards = (key: string) => this.#shardsOf(key);
    const again = (cut: Cut, key: string) => this.#again(name, cut, key);
    if (set) {
      set.add({ shards, again }, fillings, read);
      return;
    }
    const [features] = readings.filter(({ what }) => what === featuresWhat);
    this.#sets.set(name, notEmpty(name, new RowSet(features!.key, { shards, again }, fillings, read)));
  }

  #again(name: string, cut: Cut, key: string) {
    const readings = this.#readings().filter((reading) => reading.key === key);
    return withPool(this.#pass, readings, cut.images.length, (pool) =>
      extractCut(name, cut, this.#extraction(readings, pool)),
    );
  }

  #extraction(readings: readonly Reading[], pool: Extraction['pool']): Extraction {
    const { experiment, services, signal } = this.#pass;
    return {
      index: this.#index,
      claims: this.#claims,
      shards: new Map(readings.map(({ key }) => [key, this.#shardsOf(key)])),
      pool,
      progress: services.progress,
      signal,
      onUnreadable: experiment.onUnreadable,
    };
  }

  #shardsOf(key: string): Shards {
    const known = this.#shards.get(key) ?? new Shards(this.#entries, key);
    this.#shards.set(key, known);
    return known;
  }
}

const lackingIn = (filling: Filling): string[] => [...filling.cut.images.keys()].flatMap((at) => lacking(filling, at));

function sayWhenAllIsThere(sets: ReadonlyMap<string, RowSet>, read: number, { services }: ImagePass): void {
  if (read > 0) return;
  const images = [...sets.values()].reduce((sum, { listed }) => sum + listed, 0);
  services.logger.info(`0 images read, all ${images} in the store.`);
}

function notEmpty(name: string, set: RowSet): RowSet {
  if (set.images.length > 0) return set;
  const [first] = set.unreadable;
  throw new FaroutError(
    'OOD_NO_IMAGES_LEFT',
    `no image of the dataset "${name}" can be read; ${first!.image}: ${first!.reason}`,
  );
}
