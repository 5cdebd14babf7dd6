import { z, type DatasetImage } from '@farout/core';
import { thumbnail } from '@farout/images';
import { readImageFile } from '../extraction/batch.ts';
import { type Entries, hashBytes } from '../store/entries.ts';

/** Thumbnails of images, kept in the store by the image's content: a later run reads no image for them. */
export class Thumbnails {
  readonly #entries: Entries;
  readonly #found = new Map<string, Promise<string | undefined>>();

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /**
   * A JPEG in base64, made once however many detectors show it. Undefined where the image has gone or changed since it was
   * scored: its score is shown all the same.
   */
  of(image: DatasetImage, content: string): Promise<string | undefined> {
    const known = this.#found.get(content);
    if (known) return known;
    const found = this.#find(image, content);
    this.#found.set(content, found);
    return found;
  }

  async #find(image: DatasetImage, content: string): Promise<string | undefined> {
    const key = `thumbnails/${content}.json`;
    const kept = await this.#entries.readJson(key, z.string());
    if (kept !== undefined) return kept;
    const made = await make(image, content).catch(() => undefined);
    if (made !== undefined) await this.#entries.writeJson(key, made);
    return made;
  }
}

async function make(image: DatasetImage, content: string): Promise<string | undefined> {
  const bytes = 'path' in image ? await readImageFile(image.path) : await image.read();
  if ('path' in image && hashBytes(bytes) !== content) return undefined;
  return Buffer.from(await thumbnail(bytes)).toString('base64');
}
