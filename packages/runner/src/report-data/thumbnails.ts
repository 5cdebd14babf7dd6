import { FaroutError, z, type DatasetImage, type Mistake } from '@farout/core';
import { thumbnail } from '@farout/images';
import { readImageFile } from '../extraction/batch.ts';
import { type Entries, hashBytes } from '../store/entries.ts';

/** What is shown of an image, or why there is nothing. */
type Shown = Pick<Mistake, 'thumbnail' | 'noThumbnail'>;

/** Thumbnails of images, kept in the store by the image's content: a later run reads no image for them. */
export class Thumbnails {
  readonly #entries: Entries;
  readonly #found = new Map<string, Promise<Shown>>();

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /**
   * A JPEG in base64, made once however many detectors show it. Where the image has gone or changed since it was scored, its score
   * is shown all the same.
   */
  of(image: DatasetImage, content: string): Promise<Shown> {
    const known = this.#found.get(content);
    if (known) return known;
    const found = this.#find(image, content);
    this.#found.set(content, found);
    return found;
  }

  async #find(image: DatasetImage, content: string): Promise<Shown> {
    const key = `thumbnails/${content}.json`;
    const kept = await this.#entries.readJson(key, z.string());
    if (kept !== undefined) return { thumbnail: kept };
    const shown = await make(image, content).catch((error: unknown): Shown => ({ noThumbnail: reasonOf(error) }));
    if (shown.thumbnail !== undefined) await this.#entries.writeJson(key, shown.thumbnail);
    return shown;
  }
}

async function make(image: DatasetImage, content: string): Promise<Shown> {
  const bytes = 'path' in image ? await readImageFile(image.path) : await image.read();
  if ('path' in image && hashBytes(bytes) !== content) return { noThumbnail: 'changed since it was scored' };
  return { thumbnail: Buffer.from(await thumbnail(bytes)).toString('base64') };
}

/** In a few words: it stands where the picture would. */
function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'gone since it was scored';
  if (typeof code === 'string' && !(error instanceof FaroutError)) return `cannot be read (${code})`;
  return `cannot be read: ${String(message ?? error).slice(0, 200)}`;
}
