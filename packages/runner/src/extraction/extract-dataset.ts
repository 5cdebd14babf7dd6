import type { DatasetImage } from '@farout/core';
import { settled } from '../plugins/failure.ts';
import { gatherScattered } from './gather-scattered.ts';
import type { Cut } from './listing.ts';
import { leftOut, lookUp, refuseUnreadable, remember, type Extraction, type Filling, type Place } from './look-up.ts';
import type { BatchOutcome, ImageInput } from './messages.ts';
import type { Batch, WorkerPool } from './pool.ts';
import type { ExtractedCut, LeftOut } from './row-set.ts';
import type { Made, Stored } from './shards.ts';

/** Images per run of the graph; onnxruntime gains nothing from more. */
export const batchSize = 8;

/** What is done is stored at the end of a shard, and at least so often, in milliseconds. */
const storedEvery = 30_000;

/** A dataset's shards in order, and how many images had to be read for them. */
export interface ExtractedDataset {
  readonly cuts: readonly ExtractedCut[];
  readonly read: number;
}

/** Reads every image that the store does not know, once. */
export async function extractDataset(
  name: string,
  cuts: readonly Cut[],
  extraction: Extraction,
): Promise<ExtractedDataset> {
  const fillings = await lookUp(name, cuts, extraction);
  let read = 0;
  // Of images that are alike one is read. Should it change in between, the others are left, and read by themselves.
  for (let missing = missingOf(fillings); missing.length > 0; missing = missingOf(fillings)) {
    read += await new Pass(name, fillings, extraction).run(missing);
  }
  await gatherScattered(fillings, extraction.shards);
  return { cuts: fillings as ExtractedCut[], read };
}

const missingOf = (fillings: readonly Filling[]): Place[] =>
  fillings.flatMap((filling) =>
    filling.outcomes.flatMap((outcome, at) => (outcome === undefined ? [{ filling, at }] : [])),
  );

/** Images of one shard on their way to a worker, and back. */
interface PlacedBatch extends Batch {
  readonly places: readonly Place[];
}

/** One pass over the missing images of a dataset. */
class Pass {
  readonly #name: string;
  readonly #fillings: readonly Filling[];
  readonly #extraction: Extraction;
  /** Images that are the same as one that is read, by its content. */
  readonly #alike = new Map<string, Place[]>();
  /** Images that cost a worker its life, or for which memory was short. */
  readonly #deferred: Place[] = [];
  /** What is made and not stored yet: all of one shard. */
  readonly #made = new Map<string, Made>();
  #of: Filling | undefined;
  #stored = performance.now();

  constructor(name: string, fillings: readonly Filling[], extraction: Extraction) {
    this.#name = name;
    this.#fillings = fillings;
    this.#extraction = extraction;
  }

  /** Reads images and stores what becomes of them; says how many it read. */
  async run(missing: readonly Place[]): Promise<number> {
    const { progress, pool: open } = this.#extraction;
    const chosen = this.#withoutAlike(missing);
    const pool = await open();
    const total = this.#fillings.reduce((sum, { cut }) => sum + cut.images.length, 0);
    progress.start(this.#name, total, total - missing.length);
    try {
      await this.#readAll(chosen, pool);
      await this.#readDeferred(pool);
    } finally {
      progress.stop();
    }
    for (const filling of this.#fillings) await remember(filling, this.#extraction);
    return chosen.length;
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

  async #readAll(places: readonly Place[], pool: WorkerPool): Promise<void> {
    const { signal } = this.#extraction;
    try {
      for await (const [{ places: read }, outcome] of pool.map(batches(places, signal))) {
        await this.#take(read, outcome);
        signal.throwIfAborted();
        if (performance.now() - this.#stored > storedEvery) await this.#store();
      }
    } catch (error) {
      // Whatever ended the pass: what is done stays. That it could not be stored either is the lesser news.
      await this.#store().catch(() => undefined);
      throw error;
    }
    await this.#store();
  }

  /**
   * Tries once more what a worker died of, one image at a time, while this process has the machine to itself. What fails
   * again is left out of this run, and not stored: it may be the machine's fault.
   */
  async #readDeferred(pool: WorkerPool): Promise<void> {
    for (const place of this.#deferred) {
      this.#extraction.signal.throwIfAborted();
      const input = await inputOf(place.filling.cut.images[place.at]!);
      const outcome = await pool.alone(input);
      await this.#take([place], outcome, 'last');
    }
    await this.#store();
  }

  /** Notes what became of a batch; the shard before is stored when the next one begins. */
  async #take(places: readonly Place[], outcome: BatchOutcome, attempt?: 'last'): Promise<void> {
    const [{ filling }] = places as [Place];
    if (this.#of !== filling) await this.#store();
    this.#of = filling;
    let [row, done] = [0, 0];
    for (const [index, place] of places.entries()) {
      const { content, unreadable, passing } = outcome.images[index]!;
      const isRead = unreadable === undefined;
      if (content !== undefined) filling.contents[place.at] = content;
      filling.told &&= content === undefined;
      if (isRead || (content !== undefined && passing === undefined)) {
        const made = isRead
          ? { row: outcome.rows.subarray(row * outcome.width, (row + 1) * outcome.width) }
          : { unreadable };
        if (isRead) row++;
        this.#made.set(content!, made);
      } else if ((passing === 'died' || passing === 'memory') && !attempt) {
        this.#deferred.push(place);
        continue;
      } else {
        this.#settle(place, leftOut({ unreadable, passing }), passing !== 'died' && passing !== 'memory');
      }
      done++;
    }
    this.#extraction.progress.advance(done);
  }

  /** Stores what is made of a shard, and says so to all images of that content. */
  async #store(): Promise<void> {
    this.#stored = performance.now();
    const filling = this.#of;
    if (!filling || this.#made.size === 0) return;
    const stored = await this.#extraction.shards.add(filling.cut.place, this.#made);
    this.#made.clear();
    for (const [at, content] of filling.contents.entries()) {
      const found = content === undefined ? undefined : stored.get(content);
      if (found) filling.outcomes[at] ??= found;
    }
    for (const [content, found] of stored) this.#settleAlike(content, found);
    await remember(filling, this.#extraction);
    refuseUnreadable(filling, this.#extraction);
  }

  /** What only the path is to blame for says nothing of images that are alike under others: they are read by themselves. */
  #settle({ filling, at }: Place, outcome: LeftOut, isOfPath: boolean): void {
    filling.outcomes[at] = outcome;
    const content = filling.contents[at];
    if (content !== undefined && !isOfPath) this.#settleAlike(content, outcome);
    refuseUnreadable(filling, this.#extraction);
  }

  #settleAlike(content: string, outcome: Stored | LeftOut): void {
    const alike = this.#alike.get(content) ?? [];
    for (const { filling, at } of alike) filling.outcomes[at] ??= outcome;
    if (alike.length > 0) this.#extraction.progress.advance(alike.length);
    this.#alike.set(content, []);
  }
}

/** Images in batches that do not cross a shard's end. */
async function* batches(places: readonly Place[], signal: AbortSignal): AsyncGenerator<PlacedBatch> {
  for (let start = 0, end = 0; start < places.length; start = end) {
    const { filling } = places[start]!;
    while (end < places.length && end - start < batchSize && places[end]!.filling === filling) end++;
    const some = places.slice(start, end);
    const inputs = some.map(({ at }) => inputOf(filling.cut.images[at]!));
    yield { images: await settled(Promise.all(inputs), signal), places: some };
  }
}

/** Image sources are read here; files are left to the workers. */
async function inputOf(image: DatasetImage): Promise<ImageInput> {
  if ('path' in image) return { path: image.path };
  try {
    return { bytes: await image.read() };
  } catch (error) {
    return { failure: `the dataset cannot read it: ${error instanceof Error ? error.message : String(error)}` };
  }
}
