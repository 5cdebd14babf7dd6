import { FaroutError, type DatasetImage, type Rows, type UnreadableImage } from '@farout/core';
import { hashData } from '../store/entries.ts';
import { joinRows } from './batch.ts';
import { mostPerShard, type Cut } from './file-index.ts';
import type { LeftOut, Shards, StoredRow } from './shards.ts';

/** A cut of a dataset, all of whose images have been processed. */
export interface ExtractedCut {
  readonly cut: Cut;
  /** SHA-256 of each image; undefined if its bytes could not be read. */
  readonly contents: readonly (string | undefined)[];
  /** Images that were left out, with the reason. */
  readonly left: readonly (LeftOut | undefined)[];
  /** Where each reading of an image is stored, by the reading's key. */
  readonly rows: ReadonlyMap<string, readonly (StoredRow | undefined)[]>;
}

/** Rows of a few shards with the images they belong to. */
export interface ShardRows {
  readonly images: readonly DatasetImage[];
  /** Their features. */
  readonly rows: Rows;
  /** The requested readings, by key. */
  readonly readings: ReadonlyMap<string, Rows>;
}

/** Images with their features and readings, one row each, read in blocks. Can be read repeatedly. */
export interface ImageRows {
  readonly images: readonly DatasetImage[];
  /** SHA-256 that identifies the content of all images in order. */
  readonly fingerprint: string;
  /** The features, and the requested readings. */
  readonly rows: (readings?: readonly string[]) => AsyncIterable<ShardRows>;
}

/** Image rows with further information about the images. */
export interface ImageSet extends ImageRows {
  /** Number of images listed, including unreadable ones. */
  readonly listed: number;
  /** Number of images that were read for it; the rows of the others already existed. */
  readonly read: number;
  /** SHA-256 of each image. */
  readonly contents: readonly string[];
  readonly unreadable: readonly UnreadableImage[];
  /** Number of images whose features each kind of processor computed; absent if nothing was computed. */
  readonly processors?: ReadonlyMap<string, number>;
  /** Whether a pass has looked up a reading. */
  readonly has: (reading: string) => boolean;
  /** Why an image with features lacks a reading; undefined if all have it. */
  readonly lack: (reading: string) => string | undefined;
}

/** Where a set reads its rows, and how it restores them if the store has lost them. */
interface RowSource {
  readonly shards: (reading: string) => Pick<Shards, 'block'>;
  /** Reads the images of a cut whose rows are lost and stores the rows again; returns how many were read. */
  readonly again: (cut: Cut, reading: string) => Promise<{ readonly found: ExtractedCut; readonly read: number }>;
}

/** The results of passes over a dataset, in the store. Read shard by shard, so memory does not grow with the images. */
export class RowSet implements ImageSet {
  readonly #features: string;
  /** By the reading's key: each pass can restore its own readings. */
  readonly #sources = new Map<string, RowSource>();
  readonly #cuts: ExtractedCut[];
  #read: number;
  /** Number of images listed, including unreadable ones. */
  readonly listed: number;
  /** The images that have features, in order. */
  readonly images: readonly DatasetImage[];
  /** SHA-256 of each of these images. */
  readonly contents: readonly string[];
  readonly unreadable: readonly UnreadableImage[];
  /** SHA-256 over the content of all images in order, and over those left out for temporary reasons. */
  readonly fingerprint: string;

  /** `features` is the key of the features, which are among the rows. */
  constructor(features: string, source: RowSource, cuts: readonly ExtractedCut[], read: number) {
    this.#features = features;
    for (const key of keysOf(cuts)) this.#sources.set(key, source);
    this.#cuts = [...cuts];
    this.#read = read;
    this.listed = cuts.reduce((count, { cut }) => count + cut.images.length, 0);
    this.images = cuts.flatMap((extracted) => this.#readable(extracted, extracted.cut.images));
    this.contents = cuts.flatMap((extracted) => this.#readable(extracted, extracted.contents) as string[]);
    this.unreadable = cuts.flatMap((extracted) => this.#unreadableIn(extracted));
    this.fingerprint = hashData(cuts.flatMap((extracted) => this.#fingerprints(extracted)));
  }

  /** Number of images that were read for it; the rows of the others were in the store. */
  get read(): number {
    return this.#read;
  }

  /** Adds the readings of a later pass over the same images. An image that has changed since its features were computed gets none. */
  add(source: RowSource, cuts: readonly ExtractedCut[], read: number): void {
    this.#read += read;
    for (const key of keysOf(cuts)) this.#sources.set(key, source);
    for (const [index, later] of cuts.entries()) {
      const former = this.#cuts[index]!;
      const hasChanged = (at: number) => (later.contents[at] ?? former.contents[at]) !== former.contents[at];
      const left = former.cut.images.map((_, at) => former.left[at] ?? (hasChanged(at) ? changed : later.left[at]));
      const same = (rows: readonly (StoredRow | undefined)[]) =>
        rows.map((row, at) => (hasChanged(at) ? undefined : row));
      const rows = [...later.rows].map(([key, each]) => [key, same(each)] as const);
      this.#cuts[index] = { ...former, left, rows: new Map([...former.rows, ...rows]) };
    }
  }

  /** Number of images whose features each kind of processor computed, if known. */
  get processors(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { rows } of this.#cuts) {
      for (const row of rows.get(this.#features) ?? []) {
        if (row?.processor) counts.set(row.processor, (counts.get(row.processor) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** Whether a pass has looked up a reading. */
  has(reading: string): boolean {
    return this.#cuts.every(({ rows }) => rows.has(reading));
  }

  /** Why an image with features lacks a reading; undefined if all have it. */
  lack(reading: string): string | undefined {
    for (const extracted of this.#cuts) {
      const rows = extracted.rows.get(reading);
      const at = this.#readable(extracted, [...extracted.cut.images.keys()]).find((each) => !rows?.[each]);
      if (at === undefined) continue;
      return `the image "${extracted.cut.images[at]!.id}": ${extracted.left[at]?.unreadable ?? 'unknown'}`;
    }
    return undefined;
  }

  /** Rows in the order of the images, in blocks of whole shards with as many rows as a large shard, or fewer. */
  async *rows(readings: readonly string[] = []): AsyncGenerator<ShardRows> {
    for (const cuts of this.#blocks()) {
      const images = cuts.flatMap((index) => this.#readable(this.#cuts[index]!, this.#cuts[index]!.cut.images));
      const rows = await this.#rowsOfAll(cuts, this.#features);
      const more = new Map<string, Rows>();
      for (const reading of readings) more.set(reading, await this.#rowsOfAll(cuts, reading));
      yield { images, rows, readings: more };
    }
  }

  /** The cuts that have rows, by their indices, grouped into blocks. */
  #blocks(): number[][] {
    const blocks: number[][] = [];
    let rows = Infinity;
    for (const [index, extracted] of this.#cuts.entries()) {
      const { length } = this.#readable(extracted, extracted.contents);
      if (length === 0) continue;
      if (rows + length > mostPerShard) {
        blocks.push([]);
        rows = 0;
      }
      blocks.at(-1)!.push(index);
      rows += length;
    }
    return blocks;
  }

  async #rowsOfAll(cuts: readonly number[], reading: string): Promise<Rows> {
    const all: Rows[] = [];
    for (const index of cuts) all.push(await this.#rowsOf(index, reading));
    return all.length === 1 ? all[0]! : joinRows(all);
  }

  async #rowsOf(index: number, reading: string): Promise<Rows> {
    if (!this.#cuts[index]!.rows.has(reading)) throw new Error('no pass has read this reading of the set');
    return (
      (await this.#gather(this.#cuts[index]!, reading)) ??
      (await this.#gather(await this.#readAgain(index, reading), reading)) ??
      gone()
    );
  }

  /** The rows of a cut; undefined if one of their blocks is lost. */
  async #gather(extracted: ExtractedCut, reading: string): Promise<Rows | undefined> {
    const wanted = this.#readable<StoredRow | undefined>(extracted, extracted.rows.get(reading) ?? []);
    if (!wanted.every((row) => row !== undefined)) return undefined;
    const blocks = new Map<string, Rows>();
    for (const sha256 of new Set(wanted.map(({ block }) => block))) {
      const rows = await this.#sources.get(reading)!.shards(reading).block(sha256);
      if (!rows) return undefined;
      blocks.set(sha256, rows);
    }
    const [first] = blocks.values();
    const width = first!.shape[1];
    // The usual case: the block is exactly the cut.
    if (blocks.size === 1 && first!.shape[0] === wanted.length && wanted.every(({ row }, at) => row === at))
      return first;
    const data = new Float32Array(wanted.length * width);
    for (const [at, { block, row }] of wanted.entries()) {
      data.set(blocks.get(block)!.data.subarray(row * width, (row + 1) * width), at * width);
    }
    return { data, shape: [wanted.length, width] };
  }

  async #readAgain(index: number, reading: string): Promise<ExtractedCut> {
    const lost = this.#cuts[index]!;
    const { found, read } = await this.#sources.get(reading)!.again(lost.cut, reading);
    this.#read += read;
    const hasRow = ({ rows }: ExtractedCut, at: number) => rows.get(reading)?.[at] !== undefined;
    const other = lost.cut.images.find(
      (_, at) => lost.contents[at] !== found.contents[at] || hasRow(lost, at) !== hasRow(found, at),
    );
    if (other) {
      throw new FaroutError(
        'OOD_STORE_FAILED',
        `the store has lost the features of the image "${other.id}", which changed during the run`,
        { fix: 'Run again: changed images are read again.' },
      );
    }
    this.#cuts[index] = { ...lost, rows: new Map([...lost.rows, ...found.rows]) };
    return this.#cuts[index];
  }

  /** Of values for each image of a cut, those of the images with features. */
  #readable<T>({ rows }: ExtractedCut, each: readonly T[]): readonly T[] {
    const features = rows.get(this.#features) ?? [];
    return each.length === features.length
      ? each.filter((_, at) => features[at])
      : features.flatMap((row, at) => (row ? [each[at]!] : []));
  }

  #unreadableIn(extracted: ExtractedCut): UnreadableImage[] {
    return extracted.cut.images.flatMap(({ id: image }, at) => {
      const left = extracted.left[at];
      if (!left || extracted.rows.get(this.#features)?.[at]) return [];
      return [{ image, reason: left.unreadable, ...(left.passing && { cause: 'machine' as const }) }];
    });
  }

  /** Two sets are the same if the same images were read and the same were left out. */
  #fingerprints({ contents, left, cut }: ExtractedCut): unknown[] {
    return cut.images.map((_, at) =>
      left[at]?.passing ? ['left out', contents[at] ?? null] : (contents[at] ?? 'unread'),
    );
  }
}

/** A remark on sets whose features were computed by several kinds of processors; undefined if there was only one kind. */
export function mixtureOf(sets: Iterable<Pick<ImageSet, 'processors'>>): string | undefined {
  const counts = new Map<string, number>();
  for (const { processors } of sets) {
    for (const [kind, count] of processors ?? []) counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  if (counts.size < 2) return undefined;
  const each = [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, count]) => `${kind} (${count} images)`);
  return `The features were computed by several kinds of processors, whose last bits may differ: ${each.join('; ')}`;
}

/** The reason given for an image that has changed since its features were computed: it would be compared with its former self. */
const changed: LeftOut = { unreadable: 'it changed during the run', passing: true };

const keysOf = (cuts: readonly ExtractedCut[]): ReadonlySet<string> =>
  new Set(cuts.flatMap(({ rows }) => [...rows.keys()]));

function gone(): never {
  throw new FaroutError('OOD_STORE_FAILED', 'the store loses what is written to it', {
    fix: 'Check its disk, or use another folder: store: <folder>.',
  });
}
