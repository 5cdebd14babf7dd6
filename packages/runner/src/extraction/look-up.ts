import { FaroutError, type Dataset, type DatasetImage, type ImageFile, type Progress } from '@farout/core';
import { reasonOf } from './batch.ts';
import type { Claims } from './claims.ts';
import { shardSizeOf, type Cut, type FileIndex, type KnownFiles } from './file-index.ts';
import { hashOfImage } from './images.ts';
import type { ReadingPool } from './open-pool.ts';
import { hashImage } from './read-image.ts';
import type { LeftOut, Shards, Stored, StoredRow } from './shards.ts';

/** An opened dataset, and the listing from which its images were selected. */
export interface ListedDataset extends Dataset {
  /** All images of the source, in order; absent if all of them were selected. */
  readonly listing?: readonly DatasetImage[];
}

/**
 * Cuts a dataset into shards. They are cut from the whole listing, so that half of a set, or its beginning, uses the
 * same shards as the whole. A shard's place is derived from its first image. A place only says where to look first:
 * what is stored there is matched by content.
 */
export function cutListing({ images, listing = images }: ListedDataset): Cut[] {
  const wanted = listing === images ? undefined : new Set(images);
  const shardSize = shardSizeOf(listing.length);
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

/** What an extraction needs. */
export interface Extraction {
  readonly index: FileIndex;
  /** The wanted readings of each image, by key. */
  readonly shards: ReadonlyMap<string, Shards>;
  readonly claims: Claims;
  /** Called when the first image must be read. A run that finds everything in the store starts no worker process. */
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
  /** Where each reading of an image is stored, by the reading's key. */
  readonly rows: ReadonlyMap<string, (StoredRow | undefined)[]>;
  /** False if hashes were found that the file index does not have yet. */
  told: boolean;
}

/** An image of a cut. */
export interface Place {
  readonly filling: Filling;
  readonly at: number;
}

/** What the store knows about a dataset's images; unknown entries stay undefined. */
export async function lookUp(name: string, cuts: readonly Cut[], extraction: Extraction): Promise<Filling[]> {
  const { index, shards, signal } = extraction;
  const fillings = await severalAtOnce(cuts, signal, async (cut): Promise<Filling> => {
    const { stamps, contents } = await index.look(cut);
    const rows = new Map([...shards.keys()].map((key) => [key, []]));
    return { cut, stamps, contents: [...contents], left: [], rows, told: true };
  });
  if (fillings.some(({ contents }) => contents.includes(undefined)) && (await isAnyStored(shards))) {
    await hashUnknown(name, fillings, extraction);
  }
  await severalAtOnce(fillings, signal, (filling) => findRows(filling, extraction));
  for (const filling of fillings) refuseUnreadable(filling, extraction);
  return fillings;
}

/** How many shards are looked up at once: a store may be far away. */
const lookedUpAtOnce = 8;

async function severalAtOnce<T, R>(
  all: readonly T[],
  signal: AbortSignal,
  make: (each: T) => Promise<R>,
): Promise<R[]> {
  const made: R[] = [];
  for (let start = 0; start < all.length; start += lookedUpAtOnce) {
    signal.throwIfAborted();
    made.push(...(await Promise.all(all.slice(start, start + lookedUpAtOnce).map(make))));
  }
  return made;
}

/** Checks again what another run may have stored of a cut in the meantime. */
export async function lookAgain(filling: Filling, extraction: Extraction): Promise<void> {
  const { contents } = await extraction.index.look(filling.cut);
  for (const [at, content] of contents.entries()) filling.contents[at] ??= content;
  await findStored(filling, extraction);
}

/** Looks up the readings of a cut. */
export async function findStored(
  filling: Filling,
  extraction: Pick<Extraction, 'shards' | 'onUnreadable'>,
): Promise<void> {
  await findRows(filling, extraction);
  refuseUnreadable(filling, extraction);
}

/** The same, but only in the cut's own place: one request per reading. */
export async function findLikely(filling: Filling, { shards }: Pick<Extraction, 'shards'>): Promise<void> {
  const { cut, contents, left, rows } = filling;
  for (const key of rows.keys()) {
    const found = await shards.get(key)!.findIn(cut.place, contents);
    for (const at of cut.images.keys()) note({ left, rows }, at, key, found[at]);
  }
}

async function isAnyStored(shards: Extraction['shards']): Promise<boolean> {
  for (const each of shards.values()) if ((await each.places()).length > 0) return true;
  return false;
}

async function findRows(filling: Filling, { shards }: Pick<Extraction, 'shards'>): Promise<void> {
  const { cut, contents, left, rows } = filling;
  for (const key of rows.keys()) {
    const found = await shards.get(key)!.find(cut.place, contents);
    for (const at of cut.images.keys()) note({ left, rows }, at, key, found[at]);
  }
}

/** Records what is stored for an image. */
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

/** The readings that an image still lacks; none if it is left out. */
export const lacking = ({ left, rows }: Pick<Filling, 'left' | 'rows'>, at: number): string[] =>
  left[at] ? [] : [...rows].flatMap(([key, each]) => (each[at] ? [] : [key]));

/**
 * Hashes files that are unknown by path and time but may be known by content: a copied folder, another list. Hashing
 * takes a hundredth of the time of running a network.
 */
export async function hashUnknown(
  name: string,
  fillings: readonly Filling[],
  extraction: Pick<Extraction, 'index' | 'progress' | 'signal'>,
): Promise<void> {
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

/** Stores the hashes found for a cut in the file index. */
export async function remember(filling: Filling, { index }: Pick<Extraction, 'index'>): Promise<void> {
  if (filling.told) return;
  const { cut, stamps, left } = filling;
  // If a server sent something else instead of the image, its hash does not belong to the version.
  const contents = filling.contents.map((content, at) => (left[at] && 'url' in cut.images[at]! ? undefined : content));
  await index.remember(cut, { stamps, contents });
  filling.told = true;
}

/** An image that is left out, for a permanent or a temporary (`passing`) reason. */
export const leftOut = ({ unreadable, passing }: { unreadable: string; passing?: unknown }): LeftOut => ({
  unreadable,
  ...(passing !== undefined && { passing: true }),
});

/**
 * @throws FaroutError OOD_IMAGE_UNREADABLE naming the first unreadable image, if the experiment says `onUnreadable: fail`.
 */
export function refuseUnreadable({ cut, left }: Filling, { onUnreadable }: Pick<Extraction, 'onUnreadable'>): void {
  if (onUnreadable === 'skip') return;
  const at = left.findIndex((each) => each);
  if (at === -1) return;
  const { unreadable } = left[at]!;
  throw new FaroutError('OOD_IMAGE_UNREADABLE', `${cut.images[at]!.id} cannot be read: ${unreadable}`, {
    fix: 'Replace the image, or skip unreadable images: onUnreadable: skip.',
  });
}
