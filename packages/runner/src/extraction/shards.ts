import { cpus } from 'node:os';
import { types } from 'node:util';
import { parseNpy, writeNpy } from '@farout/checkpoints';
import { z, type Rows } from '@farout/core';
import type { NDArray } from '@farout/tensor';
import { hashBytes, type Entries } from '../store/entries.ts';

/**
 * What a shard holds of a reading: the blocks added, each a .npy file named by its SHA-256, with the content hash of
 * each row's image and the kind of processor that computed it; and the images that cannot be decoded, with the reason.
 */
const shardSchema = z.object({
  width: z.int().min(0),
  blocks: z.array(z.object({ sha256: z.string(), rows: z.array(z.string()), processor: z.string().optional() })),
  unreadable: z.array(z.tuple([z.string(), z.string()])),
});
const placesSchema = z.array(z.string());

type Shard = z.output<typeof shardSchema>;

/** A row of a block in the store. */
export interface StoredRow {
  /** The block's SHA-256. */
  readonly block: string;
  readonly row: number;
  /** The kind of processor that computed it, if known. */
  readonly processor?: string | undefined;
}

/** What is stored for an image: the location of its row, or why its bytes are not an image. */
export type Stored = StoredRow | { readonly unreadable: string };

/** Why an image was left out. `passing`: the cause is not in its bytes, so the next run tries it again. */
export interface LeftOut {
  readonly unreadable: string;
  readonly passing?: boolean;
}

/** The result of reading an image: the output of a graph, or why its bytes are not an image. */
export type Made =
  { readonly row: Float32Array; readonly processor?: string | undefined } | { readonly unreadable: string };

/** How many entries are requested at once. */
const atOnce = 16;
const digits = '0123456789abcdef'.split('');

/**
 * The shards of one reading. Each reading has its own manifests, so a new reading is added independently of what
 * other runs add at the same time. A lookup reads only manifests; a block is checked when it is used. Concurrent runs
 * that add to the same shard may each write its manifest; what gets lost that way is computed again.
 */
export class Shards {
  readonly #entries: Entries;
  readonly #folder: string;
  /** What is stored, by content: the results of this process, and everything in the index once another place was searched. */
  readonly #known = new Map<string, Stored>();
  /** Places with a shard that must be added to the index. */
  readonly #found = new Set<string>();
  #lists: Promise<readonly string[]> | undefined;
  /** Blocks that are missing or damaged. */
  readonly #lost = new Set<string>();
  #index: Promise<void> | undefined;

  /** `reading` is a hash of everything besides the image that determines its numbers. */
  constructor(entries: Entries, reading: string) {
    this.#entries = entries;
    this.#folder = `readings/${reading}`;
  }

  /** The places in the index. */
  places(): Promise<readonly string[]> {
    return (this.#lists ??= this.#readLists());
  }

  /**
   * Adds the places of shards seen or written here to the index, which is sixteen lists by the first digit. Done once
   * at the end of a pass, so that the lists are not rewritten for every shard. If the run is killed before, the next
   * run does it; shards are found in their own places even without the index.
   */
  async noteAll(): Promise<void> {
    for (const digit of digits) {
      const places = [...this.#found].filter((place) => place.startsWith(digit));
      if (places.length > 0) await this.#noteIn(digit, places);
    }
    this.#found.clear();
  }

  /** What is stored for images, by content: searched first in their own place, then everywhere. */
  async find(place: string, contents: readonly (string | undefined)[]): Promise<(Stored | undefined)[]> {
    const here = await this.#in(place, contents);
    const isMissing = (content: string | undefined) => content !== undefined && !here.has(content);
    if (contents.some(isMissing)) await (this.#index ??= this.#readIndex());
    return this.#storedOf(contents, here);
  }

  /** The same, but only in their own place and among what this process knows: one request, or none if no content is known. */
  async findIn(place: string, contents: readonly (string | undefined)[]): Promise<(Stored | undefined)[]> {
    return this.#storedOf(contents, await this.#in(place, contents));
  }

  /**
   * Adds images to the shard of a place, by content, and returns where they are stored. Writes the block first, then
   * the manifest, then the index. Existing entries of the shard are left unchanged.
   */
  async add(place: string, made: ReadonlyMap<string, Made>): Promise<Map<string, Stored>> {
    const former = await this.#read(place);
    const there = former ? this.#storedIn(former) : new Map<string, Stored>();
    const fresh = [...made].filter(([content]) => !there.has(content));
    if (fresh.length > 0) {
      const manifest = await this.#added(former, fresh);
      await this.#entries.writeJson(this.#keyOf(place), manifest);
      for (const [content, stored] of this.#storedIn(manifest)) there.set(content, stored);
      this.#found.add(place);
    }
    const stored = new Map([...made.keys()].map((content) => [content, there.get(content)!]));
    for (const [content, each] of stored) this.#known.set(content, each);
    return stored;
  }

  /** The rows of a block. Undefined if it is missing, damaged or malformed; its rows are then no longer found. */
  async block(sha256: string): Promise<Rows | undefined> {
    const bytes = await this.#entries.readBytes(this.#blockKey(sha256), sha256);
    const rows = bytes && rowsOf(parseNpy(bytes));
    if (!rows) this.#lost.add(sha256);
    return rows;
  }

  async #added(former: Shard | undefined, fresh: readonly (readonly [string, Made])[]): Promise<Shard> {
    const rows = fresh.flatMap(([content, made]) => ('row' in made ? [[content, made.row] as const] : []));
    const reasons = fresh.flatMap(([content, made]) =>
      'unreadable' in made ? [[content, made.unreadable] as [string, string]] : [],
    );
    const blocks = (former?.blocks ?? []).filter(({ sha256 }) => !this.#lost.has(sha256));
    const width = rows[0]?.[1].length ?? former?.width ?? 0;
    if (rows.length > 0) {
      const block = await this.#write(
        rows.map(([, row]) => row),
        width,
      );
      blocks.push({ sha256: block, rows: rows.map(([content]) => content), processor: processorOf(fresh) });
    }
    return { width, blocks, unreadable: [...(former?.unreadable ?? []), ...reasons] };
  }

  async #write(rows: readonly Float32Array[], width: number): Promise<string> {
    const data = new Float32Array(rows.length * width);
    for (const [index, row] of rows.entries()) data.set(row, index * width);
    const bytes = writeNpy({ data, shape: [rows.length, width] });
    const sha256 = hashBytes(bytes);
    await this.#entries.writeBytes(this.#blockKey(sha256), bytes);
    // If a lost block had the same rows in the same order, it is now restored.
    this.#lost.delete(sha256);
    return sha256;
  }

  async #noteIn(digit: string, places: readonly string[]): Promise<void> {
    const key = this.#indexKey(digit);
    const there = new Set(await this.#entries.readJson(key, placesSchema));
    const fresh = places.filter((place) => !there.has(place));
    // A concurrent run may overwrite the list without these places: the next run that finds them adds them again.
    if (fresh.length === 0) return;
    // A read-only store works without: shards are found in their own places.
    await this.#entries.writeJson(key, [...there, ...fresh]).catch(() => undefined);
  }

  async #readIndex(): Promise<void> {
    const places = await this.places();
    for (let start = 0; start < places.length; start += atOnce) {
      const manifests = await Promise.all(places.slice(start, start + atOnce).map((place) => this.#read(place)));
      for (const manifest of manifests) {
        if (!manifest) continue;
        for (const [content, stored] of this.#storedIn(manifest)) {
          if (!this.#known.has(content)) this.#known.set(content, stored);
        }
      }
    }
  }

  async #readLists(): Promise<readonly string[]> {
    const lists = await Promise.all(digits.map((digit) => this.#entries.readJson(this.#indexKey(digit), placesSchema)));
    return lists.flatMap((list) => list ?? []);
  }

  async #in(place: string, contents: readonly (string | undefined)[]): Promise<ReadonlyMap<string, Stored>> {
    const manifest = contents.some((content) => content !== undefined) ? await this.#read(place) : undefined;
    if (!manifest) return new Map();
    this.#found.add(place);
    return this.#storedIn(manifest);
  }

  #storedOf(contents: readonly (string | undefined)[], here: ReadonlyMap<string, Stored>): (Stored | undefined)[] {
    return contents.map((content) => {
      if (content === undefined) return undefined;
      const stored = here.get(content) ?? this.#known.get(content);
      return stored && 'block' in stored && this.#lost.has(stored.block) ? undefined : stored;
    });
  }

  #storedIn({ blocks, unreadable }: Shard): Map<string, Stored> {
    const stored = new Map<string, Stored>(unreadable.map(([content, reason]) => [content, { unreadable: reason }]));
    for (const { sha256, rows, processor } of blocks) {
      if (this.#lost.has(sha256)) continue;
      for (const [row, content] of rows.entries()) stored.set(content, { block: sha256, row, processor });
    }
    return stored;
  }

  #read(place: string): Promise<Shard | undefined> {
    return this.#entries.readJson(this.#keyOf(place), shardSchema);
  }

  #keyOf(place: string): string {
    return `${this.#folder}/${place}.json`;
  }

  #blockKey(sha256: string): string {
    return `${this.#folder}/${sha256}.npy`;
  }

  #indexKey(digit: string): string {
    return `${this.#folder}/index-${digit}.json`;
  }
}

/**
 * The kind of this host's processor. onnxruntime selects its code by it, so the last bits of results may differ
 * between kinds. It is not part of any key; it is recorded with the rows, so that a mixture can be reported.
 */
export const processorHere = `${process.arch} ${cpus()[0]?.model.trim() ?? 'unknown'}`;

/** What computed these rows. Copied rows keep their original processor. */
const processorOf = (fresh: readonly (readonly [string, Made])[]): string => {
  const all = fresh.flatMap(([, made]) => ('row' in made ? [made.processor ?? processorHere] : []));
  return [...new Set(all)].sort().join(', ');
};

/** Checked because others may write to the store. */
function rowsOf({ data, shape }: NDArray): Rows | undefined {
  const [count, width, ...more] = shape;
  if (!types.isFloat32Array(data) || count === undefined || width === undefined || more.length > 0) return undefined;
  return { data, shape: [count, width] };
}
