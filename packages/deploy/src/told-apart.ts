import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { markBytes } from '@farout/runner/images';
import type { Description } from '@farout/verdict';

/** An image file, and its name. */
export interface ImageFile {
  readonly name: string;
  /** The absolute path, or the file's bytes. */
  readonly image: string | Uint8Array;
}

/** An image that cannot be read, and why. */
export interface UnreadImage {
  readonly name: string;
  readonly reason: string;
}

/** Images by their content. */
export interface ToldApart {
  /** Each content once, in order. */
  readonly images: readonly ImageFile[];
  /** Byte-identical copies of earlier images. */
  readonly repeated: readonly string[];
  /** Images that the detector was fitted on, or that chose its parameters. */
  readonly learntFrom: readonly string[];
  readonly unreadable: readonly UnreadImage[];
}

/** Reads the bytes of all images, and finds copies and images the detector has seen. */
export async function toldApart(all: readonly ImageFile[], description: Description): Promise<ToldApart> {
  const learnt = new Set(description.learntFrom && marksOf(description.learntFrom.contents));
  const seen = new Set<string>();
  const images: ImageFile[] = [];
  const [repeated, learntFrom]: [string[], string[]] = [[], []];
  const unreadable: UnreadImage[] = [];
  for (const { name, image } of all) {
    try {
      const content = createHash('sha256').update(typeof image === 'string' ? await readFile(image) : image);
      const hash = content.digest('hex');
      if (learnt.has(markOf(hash))) learntFrom.push(name);
      if (seen.has(hash)) repeated.push(name);
      else images.push({ name, image });
      seen.add(hash);
    } catch (error) {
      unreadable.push({ name, reason: (error as Error).message });
    }
  }
  return { images, repeated, learntFrom, unreadable };
}

/** The mark of an image: a prefix of its SHA-256, hexadecimal. */
const markOf = (hash: string): string => hash.slice(0, 2 * markBytes);

/** The marks in a description, hexadecimal. */
function marksOf(base64: string): string[] {
  const hex = Buffer.from(base64, 'base64').toString('hex');
  return Array.from({ length: Math.floor(hex.length / (2 * markBytes)) }, (_, at) =>
    hex.slice(2 * markBytes * at, 2 * markBytes * (at + 1)),
  );
}
