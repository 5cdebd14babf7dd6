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

/** A stretch of a dataset, and what is wanted of its images. */
export interface Stretch {
  readonly dataset: string;
  readonly cut: Cut;
  /** Keys of readings. */
  readonly readings: readonly string[];
}

/** All stretches of datasets, in their order. */
export const stretchesOf = (wanted: ReadonlyMap<string, Wanted>): Stretch[] =>
  [...wanted].flatMap(([dataset, { dataset: listed, readings }]) =>
    cutListing(listed).map((cut) => ({ dataset, cut, readings: readings.map(({ key }) => key) })),
  );

/** What stretches are looked up, claimed and filled with. */
export type Looking = Pick<Extraction, 'index' | 'shards' | 'claims' | 'signal' | 'onUnreadable'>;

/** Stretches as tasks ask for them. */
export class Stretches {
  readonly #all: readonly Stretch[];
  readonly #on: Looking;
  /** Whether the store has rows of other listings, which may be those of the same images: these are told by content alone. */
  #foreign: Promise<boolean> | undefined;

  constructor(all: readonly Stretch[], on: Looking) {
    this.#all = all;
    this.#on = on;
  }

  /** Looks a stretch up, and claims it where something is missing. */
  async take(number: number): Promise<Taken<Filling>> {
    const stretch = this.#all[number]!;
    const { place } = stretch.cut;
    const found = await this.#lookUp(stretch);
    if (!found) return 'done';
    const claim = await this.#on.claims.take(place, stretch.readings);
    if (!claim) return 'elsewhere';
    // Where nobody had ever claimed it, nobody can have done it since.
    const filling = claim === 'first' ? found : await this.#lookUp(stretch);
    if (filling && (await this.#isLackingStill(stretch, filling))) return { mine: filling };
    await this.#on.claims.release(place, stretch.readings);
    return 'done';
  }

  /** Whether nothing is missing of a stretch, as far as that can be told without reading an image. */
  async isDone(number: number): Promise<boolean> {
    return (await this.#lookUp(this.#all[number]!)) === undefined;
  }

  /** What is stored of a stretch; undefined where nothing is missing, as far as that can be told without reading an image. */
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

  /** Images that the store may know from other listings are told by content. */
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
