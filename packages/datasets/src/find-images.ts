import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { FaroutError } from '@farout/core';
import { beginningOf, isImageByContent, kindByName, targetOf, unreadable } from './image-files.ts';

/** The contents of a folder. Paths are relative to it, with forward slashes, in no particular order. */
export interface FoundImages {
  readonly images: string[];
  /** The folders directly below it, including links to folders, excluding hidden ones. */
  readonly folders: string[];
  readonly passedOver: PassedOver;
}

/** Files that are not images, and links that could not be followed. */
export interface PassedOver {
  /** Files that are not images by extension or, if the extension is unknown, by content. */
  readonly others: string[];
  /** Broken links. */
  readonly broken: string[];
  /** Links to a folder that contains them. */
  readonly circles: string[];
  /** Small files that contain the path of a file or folder: what Git checks out if it cannot create a link. */
  readonly flattened: string[];
  /** Hidden folders directly below the root. */
  readonly hidden: string[];
  /** Names that are not valid UTF-8, with their bytes escaped. */
  readonly undecodable: string[];
}

/** A folder being read: its name, its real path, and the folders leading to it. */
interface Entered {
  readonly name: string;
  readonly real: string;
  readonly above: Entered | undefined;
}

/** Far above any data set, but soon reached by nested folders of links. */
const mostFolderLinks = 30_000;

/**
 * Finds all images below a folder: files with an image extension, and files of unknown extension that start like an image. As in
 * torchvision, links to files and folders are followed, inside and outside the root; links that cannot be followed are listed. Hidden files
 * and folders are skipped.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a folder, a link or a file that may be an image cannot be read, or links multiply
 * beyond bounds.
 */
export async function findImages(root: string): Promise<FoundImages> {
  const search = new Search(root);
  await search.run();
  return search;
}

class Search implements FoundImages {
  readonly images: string[] = [];
  readonly folders: string[] = [];
  readonly passedOver: PassedOver = {
    others: [],
    broken: [],
    circles: [],
    flattened: [],
    hidden: [],
    undecodable: [],
  };
  readonly #root: string;
  readonly #waiting: Entered[] = [];
  #folderLinks = 0;

  constructor(root: string) {
    this.#root = root;
  }

  async run(): Promise<void> {
    const real = await realOf(this.#root);
    this.#waiting.push({ name: '', real, above: undefined });
    for (let folder = this.#waiting.pop(); folder; folder = this.#waiting.pop()) {
      const entries = await entriesOf(folder.real);
      const bad = entries.some(({ name }) => name.includes('\uFFFD'))
        ? await undecodableIn(folder.real)
        : new Map<string, string>();
      for (const entry of entries) {
        const shown = bad.get(entry.name);
        if (shown === undefined) await this.#look(entry, folder);
        else if (!shown.startsWith('.') && kindByName(shown) !== 'other')
          this.passedOver.undecodable.push(nameIn(folder, shown));
      }
    }
  }

  async #look(entry: Dirent, folder: Entered): Promise<void> {
    const name = nameIn(folder, entry.name);
    if (entry.name.startsWith('.')) {
      if (folder.name === '' && entry.isDirectory()) this.passedOver.hidden.push(name);
    } else if (entry.isDirectory()) this.#enter(name, join(folder.real, entry.name), folder);
    else if (entry.isFile()) await this.#lookAtFile(name);
    else if (entry.isSymbolicLink()) await this.#follow(name, folder);
  }

  #enter(name: string, real: string, above: Entered): void {
    if (above.name === '') this.folders.push(name);
    this.#waiting.push({ name, real, above });
  }

  async #follow(name: string, folder: Entered): Promise<void> {
    // From the real path of the folder: a path may pass through at most forty links.
    const path = join(folder.real, basename(name));
    const target = await targetOf(path);
    if (target?.isFile()) return this.#lookAtFile(name);
    if (!target?.isDirectory()) return void this.passedOver.broken.push(name);
    const real = await realOf(path);
    if (isEntered(real, folder)) return void this.passedOver.circles.push(name);
    if (++this.#folderLinks > mostFolderLinks) {
      throw new FaroutError('OOD_DATASET_INVALID', `more than ${mostFolderLinks} links to folders in ${this.#root}`, {
        fix: `Remove links from it, such as ${name}: they multiply the folders they point to.`,
      });
    }
    this.#enter(name, real, folder);
  }

  async #lookAtFile(name: string): Promise<void> {
    const kind = kindByName(name);
    if (kind === 'image') return void this.images.push(name);
    if (kind === 'other') return void this.passedOver.others.push(name);
    const path = join(this.#root, name);
    const beginning = await beginningOf(path);
    if (isImageByContent(beginning)) this.images.push(name);
    else if (await isFlattenedLink(path, beginning)) this.passedOver.flattened.push(name);
    else this.passedOver.others.push(name);
  }
}

const nameIn = (folder: Entered, name: string) => (folder.name === '' ? name : `${folder.name}/${name}`);

function isEntered(real: string, folder: Entered): boolean {
  for (let each: Entered | undefined = folder; each; each = each.above) if (each.real === real) return true;
  return false;
}

/** Whether a file contains only the relative path of something that exists or may not be inspected. */
async function isFlattenedLink(path: string, content: string): Promise<boolean> {
  if (extname(path) !== '' || !content.includes('/') || /[\0\n]./s.test(content) || content.length > 1024) return false;
  const target = resolve(dirname(path), content.trimEnd());
  return targetOf(target).then(
    (found) => found !== undefined,
    () => true,
  );
}

const entriesOf = (folder: string): Promise<Dirent[]> =>
  readdir(folder, { withFileTypes: true }).catch((cause: unknown) => refuse(folder, cause));

const realOf = (folder: string): Promise<string> => realpath(folder).catch((cause: unknown) => refuse(folder, cause));

function refuse(folder: string, cause: unknown): never {
  throw unreadable(`the folder ${folder}`, cause, 'Check that it exists, is a folder, and is readable.');
}

/** Maps names that are not UTF-8, as Node decodes them, to names with an escape for each invalid byte. */
async function undecodableIn(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { encoding: 'buffer' }).catch((cause: unknown) => refuse(folder, cause));
  return new Map(
    names
      .filter((bytes) => !Buffer.from(bytes.toString()).equals(bytes))
      .map((bytes) => [bytes.toString(), escaped(bytes)]),
  );
}

/** Decodes as Latin-1, where every byte is a character, and escapes non-ASCII bytes as `\xe9`. */
const escaped = (bytes: Buffer) =>
  bytes.toString('latin1').replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
