import { readFile } from 'node:fs/promises';
import type { DatasetImage, Store } from '@oodkit/core';
import { thumbnail } from '@oodkit/images';

/** Thumbnails of images, kept in the store by the image's content: a later run reads no image for them. */
export class Thumbnails {
  readonly #store: Store;
  readonly #found = new Map<string, Promise<string | undefined>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * A JPEG in base64, made once however many detectors show it. Undefined where the image has gone since it was scored:
   * its score is shown all the same.
   */
  of(image: DatasetImage, content: string): Promise<string | undefined> {
    const known = this.#found.get(content);
    if (known) return known;
    const found = this.#find(image, `thumbnails/${content}.jpg`);
    this.#found.set(content, found);
    return found;
  }

  async #find(image: DatasetImage, key: string): Promise<string | undefined> {
    const bytes = (await this.#store.read(key)) ?? (await this.#make(image, key));
    return bytes && Buffer.from(bytes).toString('base64');
  }

  async #make(image: DatasetImage, key: string): Promise<Uint8Array | undefined> {
    const made = await read(image)
      .then(thumbnail)
      .catch(() => undefined);
    if (made) await this.#store.write(key, made);
    return made;
  }
}

const read = (image: DatasetImage): Promise<Uint8Array> => ('path' in image ? readFile(image.path) : image.read());
