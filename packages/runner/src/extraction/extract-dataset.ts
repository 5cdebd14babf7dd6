import { FaroutError, type DatasetImage, type Progress } from '@farout/core';
import { shardSize, type StoredShard } from './feature-set.ts';
import type { FileIndex, KnownFiles } from './file-index.ts';
import type { BatchOutcome, ImageInput } from './messages.ts';
import { merge } from './quarantine.ts';
import type { ShardStore } from './shard-store.ts';
import { settled } from '../plugins/settled.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Images per run of the graph; onnxruntime gains nothing from more. */
export const batchSize = 8;

/** What extraction works with. */
export interface Extraction {
  readonly index: FileIndex;
  readonly shards: ShardStore;
  /** Called when the first image must be read; a run that finds everything in the store starts no process. */
  readonly pool: () => Promise<WorkerPool>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly onUnreadable: 'skip' | 'fail';
}

interface Shard {
  readonly images: readonly DatasetImage[];
  readonly known: KnownFiles;
  stored: StoredShard | undefined;
}

/** A dataset's shards in order, and how many images had to be read for them. */
export interface ExtractedDataset {
  readonly shards: StoredShard[];
  readonly read: number;
}

/** Reads every image that the store does not know, once. */
export async function extractDataset(
  name: string,
  images: readonly DatasetImage[],
  extraction: Extraction,
): Promise<ExtractedDataset> {
  const shards = await lookUp(images, extraction);
  const missing = shards.filter(({ stored }) => !stored);
  const read = missing.reduce((count, shard) => count + shard.images.length, 0);
  if (read > 0) {
    extraction.progress.start(name, images.length, images.length - read);
    try {
      await extractShards(missing, extraction);
    } finally {
      extraction.progress.stop();
    }
  }
  return { shards: shards.map(({ stored }) => stored!), read };
}

async function lookUp(images: readonly DatasetImage[], extraction: Extraction): Promise<Shard[]> {
  const { index, shards, signal } = extraction;
  const found: Shard[] = [];
  for (let start = 0; start < images.length; start += shardSize) {
    signal.throwIfAborted();
    const part = images.slice(start, start + shardSize);
    const known = await index.look(part);
    const contents = known.contents.filter((content) => content !== undefined);
    const complete = contents.length === part.length;
    const stored = complete ? await shards.find(part, contents) : undefined;
    refuseUnreadable(stored, extraction);
    found.push({ images: part, known, stored });
  }
  return found;
}

async function extractShards(missing: readonly Shard[], extraction: Extraction): Promise<void> {
  const pool = await extraction.pool();
  let outcomes: BatchOutcome[] = [];
  for await (const [{ images, last }, outcome] of pool.map(batches(missing, extraction.signal))) {
    extraction.signal.throwIfAborted();
    extraction.progress.advance(images.length);
    outcomes.push(outcome);
    if (!last) continue;
    await keep(last, merge(outcomes), extraction);
    refuseUnreadable(last.stored, extraction);
    outcomes = [];
  }
}

/** The images of all shards in batches that do not cross a shard's end; the last of a shard names it. */
async function* batches(shards: readonly Shard[], signal: AbortSignal) {
  for (const shard of shards) {
    for (let start = 0; start < shard.images.length; start += batchSize) {
      const inputs = shard.images.slice(start, start + batchSize).map(inputOf);
      const images = await settled(Promise.all(inputs), signal);
      yield { images, last: start + batchSize >= shard.images.length ? shard : undefined };
    }
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

async function keep(shard: Shard, outcome: BatchOutcome, { index, shards }: Extraction): Promise<void> {
  const { images, known } = shard;
  // A source is known by its version, not by its bytes, so that the next run finds it without reading.
  const outcomes = outcome.images.map((image, i) =>
    'version' in images[i]! && image.content !== undefined ? { ...image, content: known.contents[i] } : image,
  );
  shard.stored = await shards.add(images, { ...outcome, images: outcomes });
  await index.remember(
    images,
    known.stamps,
    outcomes.map(({ content }) => content),
  );
}

/** @throws FaroutError OOD_IMAGE_UNREADABLE naming the first, when the experiment wants all or nothing. */
function refuseUnreadable(shard: StoredShard | undefined, { onUnreadable }: Extraction): void {
  const first = shard && [...shard.unreadable][0];
  if (!first || onUnreadable === 'skip') return;
  throw new FaroutError('OOD_IMAGE_UNREADABLE', `${shard.images[first[0]]!.id} cannot be read: ${first[1]}`, {
    fix: 'Replace the image, or leave out what cannot be read: onUnreadable: skip.',
  });
}
