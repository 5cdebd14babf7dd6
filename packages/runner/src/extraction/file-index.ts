import { stat } from 'node:fs/promises';
import { z, type DatasetImage } from '@farout/core';
import type { Entries } from '../store/entries.ts';
import { hashOfImage } from './images.ts';
import { contentHash } from './read-image.ts';

/** Images per shard: the unit of finding, and the most that one entry of the store holds of a listing. */
export const shardSize = 256;

/** A stretch of a listing, and those of its images that are wanted. */
export interface Cut {
  /** Where the store keeps what is known of the stretch: a hash of its first image. */
  readonly place: string;
  readonly images: readonly DatasetImage[];
}

const stampSchema = z.object({ size: z.number(), modified: z.number(), changed: z.number() });
const entrySchema = stampSchema.extend({ content: z.string() });
const indexSchema = z.record(z.string(), z.array(entrySchema));

type Stamp = z.output<typeof stampSchema>;
type Entry = z.output<typeof entrySchema>;
type Index = z.output<typeof indexSchema>;

/** What is known of the images of a cut before they are read. */
export interface KnownFiles {
  /** Size and times of change of each file; undefined for what is gone, and for pixels, which are at hand. */
  readonly stamps: readonly (Stamp | undefined)[];
  /** SHA-256 of each image's bytes, where it is known. */
  readonly contents: readonly (string | undefined)[];
  /** The same, or what a file of that name and size held elsewhere: good enough to say who works on what, for no number. */
  readonly likely: readonly (string | undefined)[];
}

/** A version stands for the same bytes for ever. */
const unchanging: Stamp = { size: 0, modified: 0, changed: 0 };

/** Images of other listings that begin alike are kept beside those of the last one, but not without end … */
const mostNames = 8 * shardSize;
/** … and of one image what so many copies of it are known by: each host may have its own. */
const mostCopies = 8;

/**
 * Knows the SHA-256 of images without reading them: it is taken when an image is read, and kept with the file's size and
 * its times of change, that of its content, which programs may set, and that of its inode, which they may not. A file of
 * which any differs is unknown, like one that was never read. Times are compared with themselves alone, so that nobody's clock matters;
 * copies on other hosts have times of their own, and each is kept.
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

  /** Keeps what reading told; the stamps must be older than the reading. */
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

/** The last one first. */
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
    // A file that is gone is not known; whoever wants to read it says why it cannot.
    return undefined;
  }
}

const isSame = (one: Stamp, other: Stamp | undefined) =>
  one.size === other?.size && one.modified === other.modified && one.changed === other.changed;
