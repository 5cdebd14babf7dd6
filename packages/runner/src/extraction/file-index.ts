import { stat } from 'node:fs/promises';
import { z, type DatasetImage } from '@farout/core';
import type { Entries } from '../store/entries.ts';
import { hashOfImage } from './images.ts';
import { contentHash } from './read-image.ts';

/** Images per shard at most. A shard is the unit of lookup: what one store entry covers of a listing. */
export const mostPerShard = 256;

/** Small listings have smaller shards, of at least so many images, so that several tasks can share them evenly … */
const leastPerShard = 64;
/** … in about this number of shards. */
const shardsOfListing = 64;

/** Images per shard of a listing: a power of two, so that a listing that grows keeps the places of its larger shards. */
export const shardSizeOf = (images: number): number =>
  Math.min(mostPerShard, Math.max(leastPerShard, 2 ** Math.floor(Math.log2(images / shardsOfListing))));

/** A range of a listing, and the wanted images in it. */
export interface Cut {
  /** Key under which the store keeps what it knows about the range: a hash of its first image. */
  readonly place: string;
  readonly images: readonly DatasetImage[];
}

const stampSchema = z.object({ size: z.number(), modified: z.number(), changed: z.number() });
const entrySchema = stampSchema.extend({ content: z.string() });
const indexSchema = z.record(z.string(), z.array(entrySchema));

type Stamp = z.output<typeof stampSchema>;
type Entry = z.output<typeof entrySchema>;
type Index = z.output<typeof indexSchema>;

/** What is known about the images of a cut before they are read. */
export interface KnownFiles {
  /** Size and modification times of each file; undefined for missing files, and for pixels, which are in memory. */
  readonly stamps: readonly (Stamp | undefined)[];
  /** SHA-256 of each image's bytes, if known. */
  readonly contents: readonly (string | undefined)[];
  /**
   * The same, or the hash of a file of that name and size elsewhere: good enough to decide who works on what, but not for results.
   */
  readonly likely: readonly (string | undefined)[];
}

/** The stamp of an image with a version: a version always means the same bytes. */
const unchanging: Stamp = { size: 0, modified: 0, changed: 0 };

/** Entries of other listings whose range begins alike are kept beside those of the latest one, up to this many names … */
const mostNames = 8 * mostPerShard;
/** … and this many copies per image: each host may have its own. */
const mostCopies = 8;

/**
 * Knows the SHA-256 of images without reading them. The hash is taken when an image is first read, and stored with
 * the file's size, modification time (mtime, which programs can set) and inode change time (ctime, which they
 * cannot). If any of these differs, the file counts as unknown. Times are only compared for equality, so clocks do
 * not matter. Copies on other hosts have their own times; each copy gets its own entry.
 */
export class FileIndex {
  readonly #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  async look({ place, images }: Cut): Promise<KnownFiles> {
    const index = await this.#read(place);
    const stamps = await Promise.all(images.map(stampOf));
    const known = images.map((image, at) => {
      if ('pixels' in image) return { content: contentHash(image.pixels), likely: contentHash(image.pixels) };
      const [copies, stamp] = [index[nameOf(image)] ?? [], stamps[at]];
      const content = copies.find((copy) => isSame(copy, stamp))?.content;
      return { content, likely: content ?? copies.find(({ size }) => size === stamp?.size)?.content };
    });
    return { stamps, contents: known.map(({ content }) => content), likely: known.map(({ likely }) => likely) };
  }

  /** Stores the hashes found by reading. The stamps must have been taken before the read. */
  async remember({ place, images }: Cut, { stamps, contents }: Pick<KnownFiles, 'stamps' | 'contents'>): Promise<void> {
    const former = await this.#read(place);
    const told: Index = {};
    for (const [at, image] of images.entries()) {
      const [stamp, content, name] = [stamps[at], contents[at], nameOf(image)];
      if (stamp && content !== undefined) told[name] = withCopy(former[name] ?? [], { ...stamp, content });
    }
    const others = Object.entries(former).filter(([name]) => !Object.hasOwn(told, name));
    const kept = others.slice(0, Math.max(0, mostNames - Object.keys(told).length));
    await this.#entries.writeJson(keyOf(place), { ...told, ...Object.fromEntries(kept) });
  }

  async #read(place: string): Promise<Index> {
    return (await this.#entries.readJson(keyOf(place), indexSchema)) ?? {};
  }
}

/** The latest copy first. */
const withCopy = (copies: readonly Entry[], copy: Entry): Entry[] => [
  copy,
  ...copies.filter((other) => !isSame(other, copy)).slice(0, mostCopies - 1),
];

const keyOf = (place: string) => `files/${place}.json`;

const nameOf = (image: DatasetImage) => hashOfImage(image).slice(0, 32);

async function stampOf(image: DatasetImage): Promise<Stamp | undefined> {
  if (!('path' in image)) return 'version' in image ? unchanging : undefined;
  try {
    const { size, mtimeMs, ctimeMs } = await stat(image.path);
    return { size, modified: mtimeMs, changed: ctimeMs };
  } catch {
    // A missing file is unknown here; reading it reports why.
    return undefined;
  }
}

const isSame = (one: Stamp, other: Stamp | undefined) =>
  one.size === other?.size && one.modified === other.modified && one.changed === other.changed;
