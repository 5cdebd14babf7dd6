import { settled } from '../plugins/failure.ts';
import type { BatchOutcome } from './batch.ts';
import {
  lacking,
  leftOut,
  lookAgain,
  note,
  refuseUnreadable,
  remember,
  type Extraction,
  type Filling,
  type Place,
} from './look-up.ts';
import { madeOf, rowsAt, type MadeOfImage } from './made.ts';
import type { ReadingPool } from './open-pool.ts';
import type { Batch } from './pool.ts';
import { inputOf } from './read-image.ts';
import type { LeftOut, Stored } from './shards.ts';

/** Images per run of the graph; onnxruntime gains nothing from more. */
export const batchSize = 8;

/** Results are stored at the end of each shard, and at least this often, in milliseconds. */
const storedEvery = 30_000;

/** Images of one shard that a worker processes. */
interface PlacedBatch extends Batch {
  readonly places: readonly Place[];
}

/** Images of a range that need to be read. */
export interface Due {
  readonly filling: Filling;
  readonly at: readonly number[];
}

/** One pass over missing images. */
export class Pass {
  readonly #extraction: Extraction;
  readonly #done: (filling: Filling) => Promise<void>;
  /** Images with the same content as one that is being read, by content. */
  readonly #alike = new Map<string, Place[]>();
  /** Images that killed a worker, or for which memory ran out. */
  readonly #deferred: Place[] = [];
  /** How many images of a range are in progress. */
  readonly #open = new Map<Filling, number>();
  /** Results that are not stored yet, all of one shard. */
  readonly #made = new Map<string, MadeOfImage>();
  #of: Filling | undefined;
  #stored = performance.now();
  #read = 0;
  /** Ranges that another run is working on. */
  readonly passedOver = new Set<Filling>();

  /** `done` is called for each range once all its due images are stored. */
  constructor(extraction: Extraction, done: (filling: Filling) => Promise<void> = () => Promise.resolve()) {
    this.#extraction = extraction;
    this.#done = done;
  }

  /** Reads the missing images of a dataset, except in ranges that another run is working on. Returns how many. */
  async run(name: string, fillings: readonly Filling[], missing: readonly Place[]): Promise<number> {
    const { claims } = this.#extraction;
    const due = byFilling(this.#withoutAlike(missing));
    const total = fillings.reduce((sum, { cut }) => sum + cut.images.length, 0);
    try {
      await this.read({ name, total, done: total - missing.length }, this.#unclaimed(due));
    } finally {
      for (const { cut, rows } of fillings) await claims.release(cut.place, [...rows.keys()]);
    }
    for (const filling of fillings) await remember(filling, this.#extraction);
    return this.#read;
  }

  /** Reads due images as they arrive and stores the results. Returns how many images were read. */
  async read(
    stage: { readonly name: string; readonly total: number; readonly done: number },
    due: AsyncGenerator<Due>,
  ): Promise<number> {
    const { progress, pool: open } = this.#extraction;
    const first = await due.next();
    if (first.done) return 0;
    const pool = await open();
    progress.start(stage.name, stage.total, stage.done);
    try {
      await this.#readAll(from(first.value, due), pool);
      await this.#readDeferred(pool);
    } finally {
      progress.stop();
    }
    return this.#read;
  }

  #withoutAlike(missing: readonly Place[]): Place[] {
    return missing.filter(({ filling, at }) => {
      const content = filling.contents[at];
      const alike = content === undefined ? undefined : this.#alike.get(content);
      alike?.push({ filling, at });
      if (content !== undefined && !alike) this.#alike.set(content, []);
      return !alike;
    });
  }

  async #readAll(due: AsyncIterable<Due>, pool: ReadingPool): Promise<void> {
    const { signal } = this.#extraction;
    try {
      for await (const [{ places: read }, outcome] of pool.workers.map(this.#batches(due, pool))) {
        await this.#take(read, outcome, pool);
        signal.throwIfAborted();
        if (performance.now() - this.#stored > storedEvery) await this.#store();
        for (const { cut, rows } of this.#open.keys()) await this.#extraction.claims.renew(cut.place, [...rows.keys()]);
      }
    } catch (error) {
      // Whatever ended the pass, finished results are stored. An error while storing them is secondary to the original one.
      await this.#store().catch(() => undefined);
      throw error;
    }
    await this.#store();
  }

  /** The ranges that no other run is working on. */
  async *#unclaimed(all: ReadonlyMap<Filling, readonly Place[]>): AsyncGenerator<Due> {
    for (const [filling, places] of all) {
      if (await this.#claim(filling)) yield { filling, at: places.map(({ at }) => at) };
    }
  }

  /** Images in batches that do not cross a shard's end. */
  async *#batches(due: AsyncIterable<Due>, pool: ReadingPool): AsyncGenerator<PlacedBatch> {
    for await (const { filling, at: all } of due) {
      const left = all.filter((at) => lacking(filling, at).length > 0).map((at) => ({ filling, at }));
      this.#open.set(filling, left.length);
      if (left.length === 0) await this.#close(filling, 0);
      for (let start = 0; start < left.length; start += batchSize) {
        const some = left.slice(start, start + batchSize);
        const inputs = await settled(
          Promise.all(some.map(({ at }) => inputOf(filling.cut.images[at]!))),
          this.#extraction.signal,
        );
        this.#read += some.length;
        yield { images: inputs, graphs: graphsFor(some, pool), places: some };
      }
    }
  }

  /** Another run may have finished it since it was looked up. */
  async #claim(filling: Filling): Promise<boolean> {
    if (!(await this.#extraction.claims.take(filling.cut.place, [...filling.rows.keys()]))) {
      this.passedOver.add(filling);
      return false;
    }
    await lookAgain(filling, this.#extraction);
    return true;
  }

  /**
   * Retries images that killed a worker, one at a time, while no other worker runs. An image that fails again is left
   * out of this run, but that is not stored: the machine may be to blame.
   */
  async #readDeferred(pool: ReadingPool): Promise<void> {
    for (const place of this.#deferred) {
      this.#extraction.signal.throwIfAborted();
      const input = await inputOf(place.filling.cut.images[place.at]!);
      const outcome = await pool.workers.alone(input, graphsFor([place], pool));
      await this.#take([place], outcome, pool, 'last');
    }
    await this.#store();
  }

  /** Records the outcome of a batch. The previous shard is stored when a new one begins. */
  async #take(places: readonly Place[], outcome: BatchOutcome, pool: ReadingPool, attempt?: 'last'): Promise<void> {
    const [{ filling }] = places as [Place];
    if (this.#of !== filling) await this.#store();
    this.#of = filling;
    let [row, done] = [0, 0];
    for (const [index, place] of places.entries()) {
      const { content, unreadable, passing } = outcome.images[index]!;
      const isRead = unreadable === undefined;
      if (forgetOther(place, content)) {
        this.#settle(place, leftOut({ unreadable: 'it changed during the run', passing: true }), true);
        if (isRead) row++;
        done++;
        continue;
      }
      if (content !== undefined) filling.contents[place.at] = content;
      filling.told &&= content === undefined;
      if (isRead || (content !== undefined && passing === undefined)) {
        this.#made.set(content!, isRead ? { rows: rowsAt(row++, outcome, pool) } : { unreadable });
      } else if ((passing === 'died' || passing === 'memory') && !attempt) {
        this.#deferred.push(place);
        continue;
      } else {
        this.#settle(place, leftOut({ unreadable, passing }), passing !== 'died' && passing !== 'memory');
      }
      done++;
    }
    this.#extraction.progress.advance(done);
    await this.#close(filling, done);
  }

  /** Counts finished images of a range; once all are finished, stores them and calls `done`. */
  async #close(filling: Filling, done: number): Promise<void> {
    const left = this.#open.get(filling)! - done;
    this.#open.set(filling, left);
    if (left > 0) return;
    this.#open.delete(filling);
    if (this.#of === filling) await this.#store();
    await this.#done(filling);
  }

  /** Stores the results of a shard and passes them on to all images with the same content. */
  async #store(): Promise<void> {
    this.#stored = performance.now();
    const filling = this.#of;
    if (!filling || this.#made.size === 0) return;
    for (const key of filling.rows.keys()) {
      const stored = await this.#extraction.shards.get(key)!.add(filling.cut.place, madeOf(this.#made, key));
      for (const [at, content] of filling.contents.entries()) {
        if (content !== undefined) note(filling, at, key, stored.get(content));
      }
      for (const [content, found] of stored) this.#settleAlike(content, key, found);
    }
    this.#finishAlike();
    this.#made.clear();
    await remember(filling, this.#extraction);
    refuseUnreadable(filling, this.#extraction);
  }

  /** A failure specific to a path says nothing about the same content at other paths: those images are read separately. */
  #settle({ filling, at }: Place, outcome: LeftOut, isOfPath: boolean): void {
    filling.left[at] = outcome;
    const content = filling.contents[at];
    if (content !== undefined && !isOfPath) {
      for (const each of this.#alike.get(content) ?? []) each.filling.left[each.at] ??= outcome;
      this.#finishAlike([content]);
    }
    refuseUnreadable(filling, this.#extraction);
  }

  #settleAlike(content: string, key: string, outcome: Stored): void {
    for (const { filling, at } of this.#alike.get(content) ?? []) note(filling, at, key, outcome);
  }

  /** Identical images are finished together with the one that was read. */
  #finishAlike(contents: Iterable<string> = this.#made.keys()): void {
    for (const content of contents) {
      const alike = this.#alike.get(content) ?? [];
      if (alike.length > 0) this.#extraction.progress.advance(alike.length);
      this.#alike.set(content, []);
    }
  }
}

/**
 * Whether an image has changed since the stored rows were computed. Those rows are not its own, and this read does
 * not cover everything that is wanted of it, so its rows are dropped; the next run reads it completely.
 */
function forgetOther({ filling: { contents, rows }, at }: Place, content: string | undefined): boolean {
  const known = contents[at];
  const isOther = content !== undefined && known !== undefined && content !== known;
  const hasRows = [...rows.values()].some((each) => each[at] !== undefined);
  if (!isOther || !hasRows) return false;
  for (const each of rows.values()) each[at] = undefined;
  contents[at] = content;
  return true;
}

async function* from<T>(first: T, others: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* others;
}

/** Places grouped by their range, in order. */
function byFilling(places: readonly Place[]): ReadonlyMap<Filling, readonly Place[]> {
  const all = new Map<Filling, Place[]>();
  for (const place of places) {
    const others = all.get(place.filling);
    if (others) others.push(place);
    else all.set(place.filling, [place]);
  }
  return all;
}

/** The graphs that compute what any of these images lacks. */
function graphsFor(places: readonly Place[], { outputs }: ReadingPool): number[] {
  const keys = new Set(places.flatMap(({ filling, at }) => lacking(filling, at)));
  return [...new Set([...keys].flatMap((key) => outputs.get(key)?.graph ?? []))].sort();
}
