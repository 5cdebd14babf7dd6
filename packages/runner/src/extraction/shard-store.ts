import { writeNpy } from '@oodkit/checkpoints';
import { z, type DatasetImage, type Store } from '@oodkit/core';
import { hashData } from '../store/hash.ts';
import { readJson, writeJson } from '../store/json-entry.ts';
import type { StoredShard } from './feature-set.ts';
import type { BatchOutcome } from './messages.ts';

const manifestSchema = z.object({
  width: z.int().min(0),
  unreadable: z.array(z.tuple([z.int().min(0), z.string()])),
});

/** The shards of one way of making features: one graph, one recipe, one device. */
export class ShardStore {
  readonly #store: Store;
  readonly #extraction: string;

  /** `extraction` is a hash of all that decides the features of an image besides the image. */
  constructor(store: Store, extraction: string) {
    this.#store = store;
    this.#extraction = extraction;
  }

  /** The shard of these images, when it was stored before. */
  async find(images: readonly DatasetImage[], contents: readonly string[]): Promise<StoredShard | undefined> {
    const key = this.#key(contents);
    const manifest = await readJson(this.#store, `${key}.json`, manifestSchema);
    if (!manifest) return undefined;
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
    await this.#store.write(`${key}.npy`, writeNpy({ data: features, shape: [rows, width] }));
    await writeJson(this.#store, `${key}.json`, { width, unreadable });
    return { key: `${key}.npy`, width, images, contents, unreadable: new Map(unreadable) };
  }

  #key(contents: readonly string[]): string {
    return `features/${this.#extraction}/${hashData(contents)}`;
  }
}

/** Stands for the content of an image whose bytes could not be read. */
const unread = 'unread';
