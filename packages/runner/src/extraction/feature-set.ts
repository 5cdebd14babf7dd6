import { parseNpy } from '@oodkit/checkpoints';
import { OodkitError, type DatasetImage, type Rows, type Store, type UnreadableImage } from '@oodkit/core';
import { hashData } from '../store/hash.ts';

/** Images per shard: the unit of work, of storing and of resuming. */
export const shardSize = 256;

/** A shard that lies in the store: features of its readable images, in their order. */
export interface StoredShard {
  /** The store's key of the features, a .npy of float32 (rows, width). */
  readonly key: string;
  readonly width: number;
  /** All images of the shard. */
  readonly images: readonly DatasetImage[];
  /** SHA-256 of each image. */
  readonly contents: readonly string[];
  /** Why an image was left out, by its index in the shard. */
  readonly unreadable: ReadonlyMap<number, string>;
}

/** Rows of a shard with the images they belong to. */
export interface ShardRows {
  readonly images: readonly DatasetImage[];
  readonly features: Rows;
}

/** The features of a dataset, in the store; read shard by shard, so memory does not grow with the images. */
export class FeatureSet {
  readonly #store: Store;
  readonly #shards: readonly StoredShard[];
  /** Images listed, the unreadable ones included. */
  readonly listed: number;
  /** The images that have features, in their order. */
  readonly images: readonly DatasetImage[];
  readonly unreadable: readonly UnreadableImage[];
  /** SHA-256 over the content of all images in order. */
  readonly fingerprint: string;

  constructor(store: Store, shards: readonly StoredShard[]) {
    this.#store = store;
    this.#shards = shards;
    this.listed = shards.reduce((count, shard) => count + shard.images.length, 0);
    this.images = shards.flatMap(readableOf);
    this.unreadable = shards.flatMap(({ images, unreadable }) =>
      [...unreadable].map(([index, reason]) => ({ image: images[index]!.id, reason })),
    );
    this.fingerprint = hashData(shards.flatMap(({ contents }) => contents));
  }

  /** Features in the images' order, a shard at a time; may be read as often as one likes. */
  async *read(): AsyncGenerator<ShardRows> {
    for (const shard of this.#shards) {
      const images = readableOf(shard);
      if (images.length > 0) yield { images, features: await this.#features(shard, images.length) };
    }
  }

  async #features({ key, width }: StoredShard, rows: number): Promise<Rows> {
    const bytes = await this.#store.read(key);
    const array = bytes && parseNpy(bytes);
    if (array?.data instanceof Float32Array && array.shape[0] === rows && array.shape[1] === width) {
      return { data: array.data, shape: [rows, width] };
    }
    throw new OodkitError('OOD_STORE_FAILED', `the store's entry ${key} is gone or is not what was written`, {
      fix: 'Run again: what is missing is made again.',
    });
  }
}

const readableOf = ({ images, unreadable }: StoredShard) => images.filter((_, index) => !unreadable.has(index));
