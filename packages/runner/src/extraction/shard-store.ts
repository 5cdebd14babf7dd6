import { writeNpy } from '@farout/checkpoints';
import { z, type DatasetImage } from '@farout/core';
import { hashData } from '../store/hash.ts';
import type { Entries } from '../store/entries.ts';
import type { StoredShard } from './feature-set.ts';
import type { BatchOutcome } from './messages.ts';

const manifestSchema = z.object({
  /** SHA-256 of the features' entry. */
  features: z.string(),
  width: z.int().min(0),
  unreadable: z.array(z.tuple([z.int().min(0), z.string()])),
});

/** The shards of one way of making features: one graph, one recipe, one device. */
export class ShardStore {
  readonly #entries: Entries;
  readonly #extraction: string;

  /** `extraction` is a hash of all that decides the features of an image besides the image. */
  constructor(entries: Entries, extraction: string) {
    this.#entries = entries;
    this.#extraction = extraction;
  }

  /** The shard of these images, when it was stored before and is still what was written. */
  async find(images: readonly DatasetImage[], contents: readonly string[]): Promise<StoredShard | undefined> {
    const key = this.#key(contents);
    const manifest = await this.#entries.readJson(`${key}.json`, manifestSchema);
    if (!manifest || !(await this.#entries.readBytes(`${key}.npy`, manifest.features))) return undefined;
    return { key: `${key}.npy`, width: manifest.width, images, contents, unreadable: new Map(manifest.unreadable) };
  }

  /** Stores features, then the manifest: a shard without one does not exist. */
  async add(
    images: readonly DatasetImage[],
    { images: outcomes, features, width }: BatchOutcome,
  ): Promise<StoredShard> {
    const contents = outcomes.map(({ content }) => content ?? unread);
    const unreadable = outcomes.flatMap(({ unreadable: reason }, index): [number, string][] =>
      reason === undefined ? [] : [[index, reason]],
    );
    const key = this.#key(contents);
    const rows = outcomes.length - unreadable.length;
    const hash = await this.#entries.writeBytes(`${key}.npy`, writeNpy({ data: features, shape: [rows, width] }));
    await this.#entries.writeJson(`${key}.json`, { features: hash, width, unreadable });
    return { key: `${key}.npy`, width, images, contents, unreadable: new Map(unreadable) };
  }

  #key(contents: readonly string[]): string {
    return `features/${this.#extraction}/${hashData(contents)}`;
  }
}

/** Stands for the content of an image whose bytes could not be read. */
const unread = 'unread';
