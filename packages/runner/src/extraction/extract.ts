import { FaroutError } from '@farout/core';
import { recipeKey } from '@farout/images';
import { onnxruntimeVersion } from '@farout/runtime';
import type { Services } from '../container.ts';
import type { Experiment } from '../experiment.ts';
import { Entries, hashData } from '../store/entries.ts';
import { noteReading } from '../store/groups.ts';
import { Claims } from './claims.ts';
import { extractCut, fill } from './extract-dataset.ts';
import { execute, noteLeft, storedGraphs } from './executor.ts';
import { FileIndex, type Cut } from './file-index.ts';
import { featuresWhat, uniqueReadings, type Reading } from './graphs.ts';
import { cutListing, lacking, lookUp, type Extraction, type Filling } from './look-up.ts';
import { noteOf, withPool } from './open-pool.ts';
import { withoutRefused, type PassResult, type Wanted } from './refused.ts';
import { RowSet } from './row-set.ts';
import { Shards } from './shards.ts';

/** What a pass over images needs. */
export interface ImagePass {
  readonly experiment: Experiment;
  readonly services: Pick<Services, 'store' | 'logger' | 'progress' | 'device' | 'executor'>;
  readonly signal: AbortSignal;
}

/** A hash of everything besides the image that determines the output of a graph. */
export function readingKey(
  { experiment, services }: Pick<ImagePass, 'experiment'> & { readonly services: Pick<Services, 'device'> },
  graphHash: string,
): string {
  return hashData([graphHash, ...recipeKey(experiment.backbone.params), services.device, onnxruntimeVersion]);
}

/**
 * One pass over images: decodes each image once for all readings that are wanted and not in the store. Results are
 * added to the sets; the first pass creates them. The worker processes live as long as the pass. If the store later
 * loses rows of a set, new ones are started.
 *
 * @throws FaroutError OOD_NO_IMAGES_LEFT for a set whose images are all unreadable; OOD_ONNX_REFUSED and the like for the features.
 */
export function extract(
  wanted: ReadonlyMap<string, Wanted>,
  sets: Map<string, RowSet>,
  pass: ImagePass,
): Promise<PassResult> {
  return withoutRefused(wanted, pass, (some) => new Extracting(some, sets, pass).run());
}

/** A dataset with what the store knows about its images. */
export interface Found {
  readonly name: string;
  readonly wanted: Wanted;
  fillings: readonly Filling[];
  /** How many of its images an executor has read. */
  read: number;
}

/** One attempt at a pass. */
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

  /** Returns how many images were read. */
  async run(): Promise<number> {
    const found: Found[] = [];
    for (const [name, wanted] of this.#wanted) {
      const extraction = this.#extraction(wanted.readings, () =>
        Promise.reject(new Error('nothing has been read yet')),
      );
      found.push({ name, wanted, read: 0, fillings: await lookUp(name, cutListing(wanted.dataset), extraction) });
    }
    const readings = this.#lacking(found);
    const images = found.reduce((sum, { wanted }) => sum + wanted.dataset.images.length, 0);
    await this.#noteUse(readings);
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

  /** Records that stored readings are in use. Failing to write this is not an error: the store may be read-only. */
  async #noteUse(lacked: readonly Reading[]): Promise<void> {
    const { experiment, services } = this.#pass;
    const there = this.#readings().filter((reading) => !lacked.includes(reading));
    for (const { key, what } of there) {
      const note = { ...noteOf(experiment, services), what };
      await noteReading(this.#entries, key, note).catch(() => undefined);
    }
  }

  /** The readings that at least one image lacks. */
  #lacking(found: readonly Found[]): Reading[] {
    const needed = new Set(found.flatMap(({ fillings }) => fillings.flatMap(lackingIn)));
    return this.#readings().filter(({ key }) => needed.has(key));
  }

  /** Hands missing readings to the run's executor, if there is one, and looks up again what it has stored. */
  async #executeElsewhere(found: Found[], readings: readonly Reading[]): Promise<number> {
    const { executor } = this.#pass.services;
    if (!executor) return 0;
    const graphs = await storedGraphs(readings, this.#pass);
    for (const each of found) {
      const outcomes = await execute(executor, each, graphs, this.#pass);
      each.read = outcomes.reduce((sum, outcome) => sum + outcome.read, 0);
      this.#shards.clear();
      const extraction = this.#extraction(each.wanted.readings, () =>
        Promise.reject(new Error('nothing has been read yet')),
      );
      each.fillings = await lookUp(each.name, cutListing(each.wanted.dataset), extraction);
      noteLeft(each.fillings, each.wanted.dataset, outcomes);
    }
    return found.reduce((sum, { read }) => sum + read, 0);
  }

  /** All readings wanted of any set, each once. */
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
