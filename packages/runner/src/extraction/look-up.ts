import { FaroutError, type Progress } from '@farout/core';
import { hashImageFile, reasonOf } from './batch.ts';
import type { Cut, FileIndex, KnownFiles } from './listing.ts';
import type { WorkerPool } from './pool.ts';
import type { LeftOut } from './row-set.ts';
import type { Shards, Stored } from './shards.ts';

/** How many files are hashed at once. */
const hashedAtOnce = 8;

/** What extraction works with. */
export interface Extraction {
  readonly index: FileIndex;
  readonly shards: Shards;
  /** Called when the first image must be read; a run that finds everything in the store starts no process. */
  readonly pool: () => Promise<WorkerPool>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly onUnreadable: 'skip' | 'fail';
}

/** A cut while it is being filled. */
export interface Filling {
  readonly cut: Cut;
  readonly stamps: KnownFiles['stamps'];
  readonly contents: (string | undefined)[];
  readonly outcomes: (Stored | LeftOut | undefined)[];
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
    fillings.push({ cut, stamps, contents: [...contents], outcomes: [], told: true });
  }
  if (fillings.some(({ contents }) => contents.includes(undefined)) && (await shards.any())) {
    await hashUnknown(name, fillings, extraction);
  }
  for (const filling of fillings) {
    signal.throwIfAborted();
    const { cut, contents, outcomes } = filling;
    const found = await shards.find(cut.place, contents);
    for (const at of cut.images.keys()) outcomes[at] ??= found[at];
    refuseUnreadable(filling, extraction);
  }
  return fillings;
}

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
  const image = filling.cut.images[at]! as { readonly path: string };
  try {
    filling.contents[at] = await hashImageFile(image.path);
    filling.told = false;
  } catch (error) {
    filling.outcomes[at] = leftOut(reasonOf(error));
  }
}

/** Tells the index of files what was found out of a cut. */
export async function remember(filling: Filling, { index }: Extraction): Promise<void> {
  if (filling.told) return;
  await index.remember(filling.cut, filling);
  filling.told = true;
}

/** An image that is left out: for what it is, or for what passes. */
export const leftOut = ({ unreadable, passing }: { unreadable: string; passing?: unknown }): LeftOut => ({
  unreadable,
  ...(passing !== undefined && { passing: true }),
});

/** @throws FaroutError OOD_IMAGE_UNREADABLE naming the first, when the experiment wants all or nothing. */
export function refuseUnreadable({ cut, outcomes }: Filling, { onUnreadable }: Extraction): void {
  if (onUnreadable === 'skip') return;
  const at = outcomes.findIndex((outcome) => outcome && 'unreadable' in outcome);
  if (at === -1) return;
  const { unreadable } = outcomes[at] as LeftOut;
  throw new FaroutError('OOD_IMAGE_UNREADABLE', `${cut.images[at]!.id} cannot be read: ${unreadable}`, {
    fix: 'Replace the image, or leave out what cannot be read: onUnreadable: skip.',
  });
}
