import { addressOfEntry, schemeOf, storageAt, type ImageAddress, type Storage, type StoredEntry } from '@farout/core';
import type { FoundImages } from './find-images.ts';
import { isImageByContent, kindByName } from './image-files.ts';
import { sortByBytes } from './name-lists.ts';

/** Whether a path is an address in a storage provided by a plugin, such as s3://. */
export const isStored = (path: string): boolean => schemeOf(path) !== undefined;

/** The location of an image in a storage. */
export type StoredPlace = Pick<ImageAddress, 'url' | 'version'>;

/** The contents of a storage below an address, and the location of each image. */
export interface StoredImages extends FoundImages {
  readonly placeOf: (id: string) => StoredPlace;
}

/** How many bytes of an entry are needed to recognize an image. */
const beginning = 32;
/** How many entries are inspected concurrently. */
const atOnce = 16;

/**
 * Finds all images below an address, by the rules of `findImages`: keys with an image extension, and entries of unknown extension that start
 * like an image. Keys with a path segment that starts with a dot are skipped. A key that ends with a slash is a folder.
 *
 * @param enough - Stop listing after this many images, in key order.
 */
export async function findStoredImages(root: string, enough = Infinity): Promise<StoredImages> {
  const storage = await storageAt(root);
  const [places, folders, others] = [new Map<string, StoredPlace>(), new Set<string>(), [] as string[]];
  for await (const page of pagesOf(storage, '')) {
    const entries = page.filter(({ key }) => !`/${key}`.includes('/.'));
    for (const { key } of entries) if (key.includes('/')) folders.add(key.slice(0, key.indexOf('/')));
    const files = entries.filter(({ key }) => !key.endsWith('/'));
    const kinds = await kindsOf(storage, files);
    for (const [at, { key, version }] of files.entries()) {
      if (kinds[at] === 'image') places.set(key, { url: addressOfEntry(root, key), version });
      else others.push(key);
    }
    if (places.size >= enough) break;
  }
  const passedOver = { others, broken: [], circles: [], flattened: [], hidden: [], undecodable: [] };
  return { images: [...places.keys()], folders: [...folders], passedOver, placeOf: (id) => places.get(id)! };
}

/** The pages of a listing, requested one after another. */
export async function* pagesOf(storage: Storage, prefix: string): AsyncGenerator<readonly StoredEntry[]> {
  for (let after: string | undefined, more = true; more;) {
    const page = await storage.list(prefix, after);
    yield page.entries;
    more = page.more;
    after = page.entries.at(-1)?.key;
  }
}

async function kindsOf(storage: Storage, entries: readonly StoredEntry[]): Promise<('image' | 'other')[]> {
  const kinds: ('image' | 'other')[] = [];
  for (let start = 0; start < entries.length; start += atOnce)
    kinds.push(...(await Promise.all(entries.slice(start, start + atOnce).map((entry) => kindOf(storage, entry)))));
  return kinds;
}

/** If the name tells nothing, the first bytes do. */
async function kindOf(storage: Storage, entry: StoredEntry): Promise<'image' | 'other'> {
  const kind = kindByName(entry.key);
  if (kind !== 'unknown') return kind;
  const bytes = await storage.readVersion(entry, { length: Math.min(beginning, entry.size) });
  return isImageByContent(Buffer.from(bytes).toString('latin1')) ? 'image' : 'other';
}

/**
 * The entries of a storage for the given keys. Looks them up in listing order, so it never requests more pages than there are keys, nor more
 * than the full listing has.
 */
export async function storedEntries(root: string, keys: readonly string[]): Promise<ReadonlyMap<string, StoredEntry>> {
  const storage = await storageAt(root);
  const found = new Map<string, StoredEntry>();
  const wanted = new Set(keys);
  let [reached, isAll] = [Buffer.alloc(0), false];
  for (const key of sortByBytes([...wanted])) {
    if (isAll || Buffer.compare(Buffer.from(key), reached) <= 0) continue;
    const { entries, more } = await storage.list('', justBefore(key));
    for (const entry of entries) if (wanted.has(entry.key)) found.set(entry.key, entry);
    reached = Buffer.from(entries.at(-1)?.key ?? key);
    isAll = !more;
  }
  return found;
}

/** A text that sorts just before the key, with hardly anything between. */
function justBefore(key: string): string | undefined {
  const letters = Array.from(key);
  const last = letters.pop()!.codePointAt(0)!;
  const start = letters.join('');
  // Skips the surrogate range, which holds no characters.
  const former = last === 0xe000 ? 0xd7ff : last - 1;
  return last <= 0x20 ? start || undefined : start + String.fromCodePoint(former);
}
