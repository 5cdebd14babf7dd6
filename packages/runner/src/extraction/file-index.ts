import { stat } from 'node:fs/promises';
import { z, type DatasetImage } from '@farout/core';
import { hashBytes, hashData } from '../store/hash.ts';
import type { Entries } from '../store/entries.ts';
import { readImageFile } from './read-image-file.ts';

const entrySchema = z.object({ size: z.number(), modified: z.number(), changed: z.number(), content: z.string() });
const indexSchema = z.array(entrySchema.nullable());

type Entry = z.output<typeof entrySchema>;
type Stamp = Omit<Entry, 'content'>;

/** What is known of some images before they are read. */
export interface KnownFiles {
  /** Size and times of change of each file; undefined for what is no file or is gone. */
  readonly stamps: readonly (Stamp | undefined)[];
  /** SHA-256 of each image's bytes (or of the version that stands for them), where it is known. */
  readonly contents: readonly (string | undefined)[];
}

/**
 * Knows the SHA-256 of images without reading them: it is taken when an image is read, and kept with the file's size and
 * its times of change, that of its content, which programs may set, and that of its inode, which they may not. A file of
 * which any differs is hashed again; one that was never read is unknown.
 */
export class FileIndex {
  readonly #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  async look(images: readonly DatasetImage[]): Promise<KnownFiles> {
    const entries = (await this.#entries.readJson(keyOf(images), indexSchema)) ?? [];
    const stamps = await Promise.all(images.map(stampOf));
    const contents: (string | undefined)[] = [];
    // One after the other: of a folder that was copied all are hashed, and together they may be more than there is memory.
    for (const [index, image] of images.entries()) {
      contents.push(await contentOf(image, entries[index], stamps[index]));
    }
    // Also when the bytes were the same, lest every later run hash them again.
    const outdated = entries.some((entry, index) => entry && !isSame(entry, stamps[index]));
    if (outdated) await this.remember(images, stamps, contents);
    return { stamps, contents };
  }

  /** Keeps what reading told; the stamps must be older than the reading. */
  async remember(
    images: readonly DatasetImage[],
    stamps: KnownFiles['stamps'],
    contents: KnownFiles['contents'],
  ): Promise<void> {
    const entries = images.map((_, index): Entry | null => {
      const [stamp, content] = [stamps[index], contents[index]];
      return stamp && content !== undefined ? { ...stamp, content } : null;
    });
    if (entries.some((entry) => entry)) await this.#entries.writeJson(keyOf(images), entries);
  }
}

const keyOf = (images: readonly DatasetImage[]) =>
  `files/${hashData(images.map((image) => ('path' in image ? image.path : '')))}.json`;

async function stampOf(image: DatasetImage): Promise<Stamp | undefined> {
  if (!('path' in image)) return undefined;
  try {
    const { size, mtimeMs, ctimeMs } = await stat(image.path);
    return { size, modified: mtimeMs, changed: ctimeMs };
  } catch {
    // A file that is gone is not known; the worker that wants to read it says why it cannot.
    return undefined;
  }
}

const isSame = (one: Stamp, other: Stamp | undefined) =>
  one.size === other?.size && one.modified === other.modified && one.changed === other.changed;

async function contentOf(image: DatasetImage, entry: Entry | null | undefined, stamp: Stamp | undefined) {
  if (!('path' in image)) return hashData(['version', image.version]);
  if (!entry || !stamp) return undefined;
  if (isSame(entry, stamp)) return entry.content;
  try {
    return hashBytes(await readImageFile(image.path));
  } catch {
    return undefined;
  }
}
