import { FaroutError, z, type DatasetImage, type Mistake, type Mistakes } from '@farout/core';
import { thumbnail } from '@farout/images';
import { contentHash, readableOf, readImage } from '../extraction/read-image.ts';
import type { ImageSet } from '../extraction/row-set.ts';
import type { DatasetScores } from '../score/on-features.ts';
import type { Entries } from '../store/entries.ts';

/** How many images of each kind are shown. */
const imagesShown = 8;

/** The images that are compared: their scores, and the images themselves by dataset name. */
interface ComparedImages {
  readonly id: ReadonlyMap<string, DatasetScores>;
  readonly ood: ReadonlyMap<string, DatasetScores>;
  readonly sets: ReadonlyMap<string, ImageSet>;
  /** The names of the classes. */
  readonly classes?: readonly string[] | undefined;
}

/** The images that a detector got most wrong: OOD images with the highest scores, ID images with the lowest. */
export async function mistakes(
  detector: string,
  { id, ood, sets, classes }: ComparedImages,
  thumbnails: Thumbnails,
): Promise<Mistakes> {
  const picture = async ({ dataset, index, score }: ScoredImage): Promise<Mistake> => {
    const { images, contents } = sets.get(dataset)!;
    const predicted = classes?.[(id.get(dataset) ?? ood.get(dataset))!.predicted[index]!];
    const said = { dataset, image: images[index]!.id, score, ...(predicted !== undefined && { predicted }) };
    return { ...said, ...(await thumbnails.of(images[index]!, contents[index]!)) };
  };
  return {
    detector,
    highestOod: await Promise.all(mostExtreme(ood, detector, 'highest', imagesShown).map(picture)),
    lowestId: await Promise.all(mostExtreme(id, detector, 'lowest', imagesShown).map(picture)),
  };
}

/** An image, by its dataset and its index there, with its score. */
interface ScoredImage {
  readonly dataset: string;
  readonly index: number;
  readonly score: number;
}

/** The `count` images with the highest or lowest scores of a detector, the most extreme first; among equal ones, the first listed. */
export function mostExtreme(
  sets: Iterable<readonly [string, DatasetScores]>,
  detector: string,
  side: 'highest' | 'lowest',
  count: number,
): ScoredImage[] {
  const found: ScoredImage[] = [];
  const before = (a: number, b: number) => (side === 'highest' ? a > b : a < b);
  for (const [dataset, { scores }] of sets) {
    for (const [index, score] of scores.get(detector)!.entries()) {
      if (found.length === count && !before(score, found.at(-1)!.score)) continue;
      const at = found.findIndex((other) => before(score, other.score));
      found.splice(at === -1 ? found.length : at, 0, { dataset, index, score });
      found.length = Math.min(found.length, count);
    }
  }
  return found;
}

/** The thumbnail of an image, or why there is none. */
type Picture = Pick<Mistake, 'thumbnail' | 'noThumbnail'>;

/** Thumbnails of images, cached in the store by the image's content, so that later runs need not read the image. */
export class Thumbnails {
  readonly #entries: Entries;
  readonly #found = new Map<string, Promise<Picture>>();

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /**
   * A JPEG in base64, made once even if several detectors show it. If the image is missing or has changed since it
   * was scored, the report shows only its score.
   */
  of(image: DatasetImage, content: string): Promise<Picture> {
    if ('row' in image) return Promise.resolve({});
    const known = this.#found.get(content);
    if (known) return known;
    const found = this.#find(image, content);
    this.#found.set(content, found);
    return found;
  }

  async #find(image: DatasetImage, content: string): Promise<Picture> {
    const key = `thumbnails/${content}.json`;
    const kept = await this.#entries.readJson(key, z.string());
    if (kept !== undefined) return { thumbnail: kept };
    const picture = await make(image, content).catch((error: unknown): Picture => ({ noThumbnail: reasonOf(error) }));
    if (picture.thumbnail !== undefined) await this.#entries.writeJson(key, picture.thumbnail);
    return picture;
  }
}

async function make(image: DatasetImage, content: string): Promise<Picture> {
  const read = await readImage(await readableOf(image));
  if (contentHash(read) !== content) return { noThumbnail: 'changed since it was scored' };
  return { thumbnail: Buffer.from(await thumbnail(read)).toString('base64') };
}

/** Kept short: it is shown in place of the picture. */
function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing since it was scored';
  if (typeof code === 'string' && !(error instanceof FaroutError)) return `cannot be read (${code})`;
  return `cannot be read: ${String(message ?? error).slice(0, 200)}`;
}
