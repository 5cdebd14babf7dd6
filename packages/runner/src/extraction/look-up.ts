import { stat } from 'node:fs/promises';
import { FaroutError, z, type Dataset, type DatasetImage, type ImageFile, type Progress } from '@farout/core';
import type { Entries } from '../store/entries.ts';
import { reasonOf } from './batch.ts';
import type { Claims } from './claims.ts';
import { hashOfImage } from './images.ts';
import type { ReadingPool } from './open-pool.ts';
import { contentHash, hashImage } from './read-image.ts';
import type { LeftOut, Shards, Stored, StoredRow } from './shards.ts';

/** Images per shard: the unit of finding, and the most that one entry of the store holds of a listing. */
const shardSize = 256;

/** A dataset that was opened, and the listing that its images were chosen from. */
export interface ListedDataset extends Dataset {
  /** All images of the source in their order; absent where none was left out. */
  readonly listing?: readonly DatasetImage[];
}

/** A stretch of a listing, and those of its images that are wanted. */
export interface Cut {
  /** Where the store keeps what is known of the stretch: a hash of its first image. */
  readonly place: string;
  readonly images: readonly DatasetImage[];
}

/**
 * Cuts a dataset into shards. They are cut from the whole listing, so that half of a set, or its beginning, lies in the
 * same places as the whole. A stretch is known by its first image: a place is only where to look first, and what lies
 * there is told by content.
 */
export function cutListing({ images, listing = images }: ListedDataset): Cut[] {
  const wanted = listing === images ? undefined : new Set(images);
  const cuts: Cut[] = [];
  for (let start = 0; start < listing.length; start += shardSize) {
    const stretch = listing.slice(start, start + shardSize);
    const chosen = wanted ? stretch.filter((image) => wanted.has(image)) : stretch;
    if (chosen.length > 0) cuts.push({ place: hashOfImage(stretch[0]!), images: chosen });
  }
  return cuts;
}

/** How many files are hashed at once. */
const hashedAtOnce = 8;

/** What extraction works with. */
export interface Extraction {
  readonly index: FileIndex;
  /** The readings that are wanted of each image, by their keys. */
  readonly shards: ReadonlyMap<string, Shards>;
  readonly claims: Claims;
  /** Called when the first image must be read; a run that finds everything in the store starts no process. */
  readonly pool: () => Promise<ReadingPool>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly onUnreadable: 'skip' | 'fail';
}

/** A cut while it is being filled. */
export interface Filling {
  readonly cut: Cut;
  readonly stamps: KnownFiles['stamps'];
  readonly contents: (string | undefined)[];
  /** Images that are left out, with the reason. */
  readonly left: (LeftOut | undefined)[];
  /** Where each reading of an image lies, by the reading's key. */
  readonly rows: ReadonlyMap<string, (StoredRow | undefined)[]>;
  /** Whether the index of files does not know yet what was found out. */
  told: boolean;
}

/** An image of a cut. */
export interface Place {
  readonly filling: Filling;
  readonly at: number;
}

/** What the store knows of a dataset's images; what it does not know is left open. */
export async function lookUp(name: string, cuts: readonly Cut[], extraction: Extraction): Promise<Filling[]> {
  const { index, shards, signal } = extraction;
  const fillings: Filling[] = [];
  for (const cut of cuts) {
    signal.throwIfAborted();
    const { stamps, contents } = await index.look(cut);
    const rows = new Map([...shards.keys()].map((key) => [key, []]));
    fillings.push({ cut, stamps, contents: [...contents], left: [], rows, told: true });
  }
  if (fillings.some(({ contents }) => contents.includes(undefined)) && (await isAnyStored(shards))) {
    await hashUnknown(name, fillings, extraction);
  }
  for (const filling of fillings) {
    signal.throwIfAborted();
    await findStored(filling, extraction);
  }
  return fillings;
}

/** Looks again for what another run may have stored of a cut since. */
export async function lookAgain(filling: Filling, extraction: Extraction): Promise<void> {
  const { contents } = await extraction.index.look(filling.cut);
  for (const [at, content] of contents.entries()) filling.contents[at] ??= content;
  await findStored(filling, extraction);
}

/** Looks for the readings of a cut. */
async function findStored(filling: Filling, extraction: Extraction): Promise<void> {
  for (const [key, each] of extraction.shards) await find(filling, key, each);
  refuseUnreadable(filling, extraction);
}

async function isAnyStored(shards: Extraction['shards']): Promise<boolean> {
  for (const each of shards.values()) if (await each.any()) return true;
  return false;
}

async function find({ cut, contents, left, rows }: Filling, key: string, shards: Shards): Promise<void> {
  const found = await shards.find(cut.place, contents);
  for (const at of cut.images.keys()) note({ left, rows }, at, key, found[at]);
}

/** Notes what is stored of an image. */
export function note(
  { left, rows }: Pick<Filling, 'left' | 'rows'>,
  at: number,
  key: string,
  found: Stored | undefined,
): void {
  if (found === undefined) return;
  if ('block' in found) rows.get(key)![at] ??= found;
  else left[at] ??= found;
}

/** The readings that an image still lacks; none of one that is left out. */
export const lacking = ({ left, rows }: Pick<Filling, 'left' | 'rows'>, at: number): string[] =>
  left[at] ? [] : [...rows].flatMap(([key, each]) => (each[at] ? [] : [key]));

/**
 * Files that are not known by path and time, but may be by content: a copied folder, another list. To hash one takes a
 * hundredth of what it takes to run a network over it.
 */
async function hashUnknown(name: string, fillings: readonly Filling[], extraction: Extraction): Promise<void> {
  const isUnknown = ({ cut, contents }: Filling, at: number) => contents[at] === undefined && 'path' in cut.images[at]!;
  const unknown = fillings
    .map((filling) => ({ filling, at: [...filling.contents.keys()].filter((at) => isUnknown(filling, at)) }))
    .filter(({ at }) => at.length > 0);
  if (unknown.length === 0) return;
  const { progress, signal } = extraction;
  progress.start(
    `${name}: hashing`,
    unknown.reduce((sum, { at }) => sum + at.length, 0),
    0,
    'files',
  );
  try {
    for (const { filling, at } of unknown) {
      for (let start = 0; start < at.length; start += hashedAtOnce) {
        signal.throwIfAborted();
        const some = at.slice(start, start + hashedAtOnce);
        await Promise.all(some.map((each) => hashOne({ filling, at: each })));
        progress.advance(some.length);
      }
      await remember(filling, extraction);
    }
  } finally {
    progress.stop();
  }
}

async function hashOne({ filling, at }: Place): Promise<void> {
  try {
    filling.contents[at] = await hashImage(filling.cut.images[at]! as ImageFile);
    filling.told = false;
  } catch (error) {
    filling.left[at] = leftOut(reasonOf(error));
  }
}

/** Tells the index of files what was found out of a cut. */
export async function remember(filling: Filling, { index }: Extraction): Promise<void> {
  if (filling.told) return;
  const { cut, stamps, left } = filling;
  // What a server gave in the place of an image is not what its version stands for.
  const contents = filling.contents.map((content, at) => (left[at] && 'url' in cut.images[at]! ? undefined : content));
  await index.remember(cut, { stamps, contents });
  filling.told = true;
}

/** An image that is left out: for what it is, or for what passes. */
export const leftOut = ({ unreadable, passing }: { unreadable: string; passing?: unknown }): LeftOut => ({
  unreadable,
  ...(passing !== undefined && { passing: true }),
});

/** @throws FaroutError OOD_IMAGE_UNREADABLE naming the first, when the experiment wants all or nothing. */
export function refuseUnreadable({ cut, left }: Filling, { onUnreadable }: Extraction): void {
  if (onUnreadable === 'skip') return;
  const at = left.findIndex((each) => each);
  if (at === -1) return;
  const { unreadable } = left[at]!;
  throw new FaroutError('OOD_IMAGE_UNREADABLE', `${cut.images[at]!.id} cannot be read: ${unreadable}`, {
    fix: 'Replace the image, or leave out what cannot be read: onUnreadable: skip.',
  });
}

const stampSchema = z.object({ size: z.number(), modified: z.number(), changed: z.number() });
const indexSchema = z.record(z.string(), stampSchema.extend({ content: z.string() }));

type Stamp = z.output<typeof stampSchema>;
type Index = z.output<typeof indexSchema>;

/** What is known of the images of a cut before they are read. */
interface KnownFiles {
  /** Size and times of change of each file; undefined for what is gone, and for pixels, which are at hand. */
  readonly stamps: readonly (Stamp | undefined)[];
  /** SHA-256 of each image's bytes, where it is known. */
  readonly contents: readonly (string | undefined)[];
}

/** A version stands for the same bytes for ever. */
const unchanging: Stamp = { size: 0, modified: 0, changed: 0 };

/** Images of other listings that begin alike are kept beside those of the last one, but not without end. */
const mostEntries = 8 * shardSize;

/**
 * Knows the SHA-256 of images without reading them: it is taken when an image is read, and kept with the file's size and
 * its times of change, that of its content, which programs may set, and that of its inode, which they may not. A file of
 * which any differs is unknown, like one that was never read.
 */
export class FileIndex {
  readonly #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  async look({ place, images }: Cut): Promise<KnownFiles> {
    const index = await this.#read(place);
    const stamps = await Promise.all(images.map(stampOf));
    const contents = images.map((image, at) => {
      if ('pixels' in image) return contentHash(image.pixels);
      const entry = index[nameOf(image)];
      return entry && isSame(entry, stamps[at]) ? entry.content : undefined;
    });
    return { stamps, contents };
  }

  /** Keeps what reading told; the stamps must be older than the reading. */
  async remember({ place, images }: Cut, { stamps, contents }: KnownFiles): Promise<void> {
    const told: Index = {};
    for (const [at, image] of images.entries()) {
      const [stamp, content] = [stamps[at], contents[at]];
      if (stamp && content !== undefined) told[nameOf(image)] = { ...stamp, content };
    }
    const others = Object.entries(await this.#read(place)).filter(([name]) => !Object.hasOwn(told, name));
    const kept = others.slice(0, Math.max(0, mostEntries - Object.keys(told).length));
    await this.#entries.writeJson(keyOf(place), { ...told, ...Object.fromEntries(kept) });
  }

  async #read(place: string): Promise<Index> {
    return (await this.#entries.readJson(keyOf(place), indexSchema)) ?? {};
  }
}

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
