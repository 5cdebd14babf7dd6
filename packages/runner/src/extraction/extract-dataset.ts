import { FaroutError, type DatasetImage } from '@farout/core';
import { settled } from '../plugins/failure.ts';
import type { BatchOutcome, ImageInput } from './batch.ts';
import {
  leftOut,
  lookUp,
  refuseUnreadable,
  remember,
  type Cut,
  type Extraction,
  type Filling,
  type Place,
} from './look-up.ts';
import type { Batch, WorkerPool } from './pool.ts';
import type { ExtractedCut } from './row-set.ts';
import type { LeftOut, Made, Shards, Stored, StoredRow } from './shards.ts';

/** Images per run of the graph; onnxruntime gains nothing from more. */
export const batchSize = 8;

/** What is done is stored at the end of a shard, and at least so often, in milliseconds. */
const storedEvery = 30_000;

/** A dataset's shards in order, and how many images had to be read for them. */
interface ExtractedDataset {
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

/** An image as workers take it. Image sources are read here; files are left to the workers. */
export async function inputOf(image: DatasetImage): Promise<ImageInput> {
  if ('path' in image) return { path: image.path };
  try {
    return { bytes: await image.read() };
  } catch (error) {
    return { failure: `the dataset cannot read it: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A shard whose rows lie in more blocks than this is copied together. */
const mostBlocks = 8;

/** How many bytes of rows are held at once for it. */
const mostBytes = 2 ** 27;

/**
 * Copies rows that lie scattered over the shards of other listings, as those of a list in another order do, into the shards
 * of their own places: otherwise each pass would read nearly every block for nearly every shard. Blocks are read once for as
 * many shards as fit into memory. A store that cannot be written serves without.
 */
export async function gatherScattered(fillings: readonly Filling[], shards: Shards): Promise<void> {
  const scattered = fillings.filter((filling) => blocksOf([filling]).size > mostBlocks);
  if (scattered.length === 0) return;
  const [anyBlock] = blocksOf(scattered);
  const width = (await shards.block(anyBlock!))?.shape[1] ?? 1;
  const rowsAtOnce = mostBytes / (Float32Array.BYTES_PER_ELEMENT * width);
  let group: Filling[] = [];
  let rows = 0;
  for (const filling of scattered) {
    group.push(filling);
    rows += filling.cut.images.length;
    if (rows < rowsAtOnce && filling !== scattered.at(-1)) continue;
    if (!(await gather(group, shards))) return;
    [group, rows] = [[], 0];
  }
}

/** Gives false where the store cannot be written. */
async function gather(group: readonly Filling[], shards: Shards): Promise<boolean> {
  const rowsOf = new Map(group.map((filling) => [filling, new Map<string, Made>()]));
  for (const block of blocksOf(group)) {
    const rows = await shards.block(block);
    // What is lost is read again when it is used.
    if (!rows) continue;
    const width = rows.shape[1];
    for (const [filling, made] of rowsOf) {
      for (const [at, outcome] of filling.outcomes.entries()) {
        if (!isRow(outcome) || outcome.block !== block) continue;
        made.set(filling.contents[at]!, { row: rows.data.slice(outcome.row * width, (outcome.row + 1) * width) });
      }
    }
  }
  for (const [filling, made] of rowsOf) {
    const stored = await shards.add(filling.cut.place, made).catch((error: unknown) => {
      if (error instanceof FaroutError && error.code === 'OOD_STORE_FAILED') return undefined;
      throw error;
    });
    if (!stored) return false;
    for (const [at, content] of filling.contents.entries()) {
      if (isRow(filling.outcomes[at])) filling.outcomes[at] = stored.get(content!) ?? filling.outcomes[at];
    }
  }
  return true;
}

const isRow = (outcome: Filling['outcomes'][number]): outcome is StoredRow =>
  outcome !== undefined && 'block' in outcome;

const blocksOf = (fillings: readonly Filling[]) =>
  new Set(fillings.flatMap(({ outcomes }) => outcomes.filter(isRow).map(({ block }) => block)));
