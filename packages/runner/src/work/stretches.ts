import type { Cut } from '../extraction/file-index.ts';
import {
  cutListing,
  findLikely,
  findStored,
  hashUnknown,
  lacking,
  type Extraction,
  type Filling,
} from '../extraction/look-up.ts';
import type { Wanted } from '../extraction/refused.ts';
import type { Taken } from './sharing.ts';

/** A range of a dataset's images, called a shard in messages, and the readings wanted of them. */
export interface Stretch {
  readonly dataset: string;
  readonly cut: Cut;
  /** Keys of readings. */
  readonly readings: readonly string[];
}

/** All stretches of datasets, in order. */
export const stretchesOf = (wanted: ReadonlyMap<string, Wanted>): Stretch[] =>
  [...wanted].flatMap(([dataset, { dataset: listed, readings }]) =>
    cutListing(listed).map((cut) => ({ dataset, cut, readings: readings.map(({ key }) => key) })),
  );

/** What is needed to look up, claim and fill stretches. */
export type Looking = Pick<Extraction, 'index' | 'shards' | 'claims' | 'signal' | 'onUnreadable'>;

/** Stretches that tasks ask for. */
export class Stretches {
  readonly #all: readonly Stretch[];
  readonly #on: Looking;
  /** Whether the store has rows of other listings. They may be of the same images, which can only be matched by content. */
  #foreign: Promise<boolean> | undefined;

  constructor(all: readonly Stretch[], on: Looking) {
    this.#all = all;
    this.#on = on;
  }

  /** Looks up a stretch, and claims it if something is missing. */
  async take(number: number): Promise<Taken<Filling>> {
    const stretch = this.#all[number]!;
    const { place } = stretch.cut;
    const found = await this.#lookUp(stretch);
    if (!found) return 'done';
    const claim = await this.#on.claims.take(place, stretch.readings);
    if (!claim) return 'elsewhere';
    // If nobody had ever claimed it, nobody can have finished it in the meantime.
    const filling = claim === 'first' ? found : await this.#lookUp(stretch);
    if (filling && (await this.#isLackingStill(stretch, filling))) return { mine: filling };
    await this.#on.claims.release(place, stretch.readings);
    return 'done';
  }

  /** Whether a stretch is complete, as far as can be determined without reading an image. */
  async isDone(number: number): Promise<boolean> {
    return (await this.#lookUp(this.#all[number]!)) === undefined;
  }

  /** What is stored for a stretch; undefined if it is complete, as far as can be determined without reading an image. */
  async #lookUp({ cut, readings }: Stretch): Promise<Filling | undefined> {
    const { stamps, contents, likely } = await this.#on.index.look(cut);
    const of = (known: readonly (string | undefined)[]): Filling => ({
      ...{ cut, stamps, contents: [...known], left: [], told: true },
      rows: new Map(readings.map((key) => [key, []])),
    });
    const guessed = of(likely);
    await findLikely(guessed, this.#on);
    if (!isLacking(guessed)) return undefined;
    const filling = of(contents);
    await findLikely(filling, this.#on);
    return filling;
  }

  /** Images that the store may know from other listings are matched by content. */
  async #isLackingStill({ dataset }: Stretch, filling: Filling): Promise<boolean> {
    if (!(await (this.#foreign ??= this.#hasForeign()))) return true;
    await hashUnknown(dataset, [filling], { ...this.#on, progress: silent });
    await findStored(filling, this.#on);
    return isLacking(filling);
  }

  async #hasForeign(): Promise<boolean> {
    const own = new Set(this.#all.map(({ cut }) => cut.place));
    for (const shards of this.#on.shards.values()) {
      if ((await shards.places()).some((place) => !own.has(place))) return true;
    }
    return false;
  }
}

const nothing = () => undefined;
const silent = { start: nothing, advance: nothing, stop: nothing };

const isLacking = (filling: Filling): boolean => filling.cut.images.some((_, at) => lacking(filling, at).length > 0);
