import { parseNpy } from '@farout/checkpoints';
import { FaroutError, type DatasetImage, type Rows, type Store, type UnreadableImage } from '@farout/core';
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

/** Images with their features, read in blocks; may be read as often as one likes. */
export interface FeatureRows {
  readonly images: readonly DatasetImage[];
  /** SHA-256 that stands for the content of all images in order. */
  readonly fingerprint: string;
  readonly rows: () => AsyncIterable<ShardRows>;
}

/** The features of a dataset, in the store; read shard by shard, so memory does not grow with the images. */
export class FeatureSet implements FeatureRows {
  readonly #store: Store;
  readonly #shards: readonly StoredShard[];
  /** Images listed, the unreadable ones included. */
  readonly listed: number;
  /** The images that have features, in their order. */
  readonly images: readonly DatasetImage[];
  /** SHA-256 of each of these images. */
  readonly contents: readonly string[];
  readonly unreadable: readonly UnreadableImage[];
  /** SHA-256 over the content of all images in order. */
  readonly fingerprint: string;
  /** How many images were read for it; the others' features were in the store. */
  readonly read: number;

  constructor(store: Store, shards: readonly StoredShard[], read: number) {
    this.#store = store;
    this.#shards = shards;
    this.read = read;
    this.listed = shards.reduce((count, shard) => count + shard.images.length, 0);
    this.images = shards.flatMap((shard) => readable(shard, shard.images));
    this.contents = shards.flatMap((shard) => readable(shard, shard.contents));
    this.unreadable = shards.flatMap(({ images, unreadable }) =>
      [...unreadable].map(([index, reason]) => ({ image: images[index]!.id, reason })),
    );
    this.fingerprint = hashData(shards.flatMap(({ contents }) => contents));
  }

  /** Features in the images' order, a shard at a time. */
  async *rows(): AsyncGenerator<ShardRows> {
    for (const shard of this.#shards) {
      const images = readable(shard, shard.images);
      if (images.length > 0) yield { images, features: await this.#features(shard, images.length) };
    }
  }

  async #features({ key, width }: StoredShard, rows: number): Promise<Rows> {
    const bytes = await this.#store.read(key);
    const array = bytes && parseNpy(bytes);
    if (array?.data instanceof Float32Array && array.shape[0] === rows && array.shape[1] === width) {
      return { data: array.data, shape: [rows, width] };
    }
    throw new FaroutError('OOD_STORE_FAILED', `the store's entry ${key} is gone or is not what was written`, {
      fix: 'Run again: what is missing is made again.',
    });
  }
}

/** Of what a shard has for each of its images, that of the readable ones. */
const readable = <T>({ unreadable }: StoredShard, each: readonly T[]) =>
  each.filter((_, index) => !unreadable.has(index));
