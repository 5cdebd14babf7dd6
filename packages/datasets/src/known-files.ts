import { readdir } from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';
import { targetOf } from './image-files.ts';

/**
 * Tells which paths are files, links to files included. A folder is read once for all the paths in it: for a list of 100,000
 * images this takes a fraction of a second, a look at each file several.
 */
export class KnownFiles {
  readonly #plainFiles = new Map<string, Promise<ReadonlySet<string>>>();

  /**
   * Whether an absolute path is a file, or a link that leads to one, wherever it lies.
   *
   * @throws FaroutError OOD_DATASET_INVALID when the system does not tell.
   */
  async has(path: string): Promise<boolean> {
    const folder = dirname(path);
    let files = this.#plainFiles.get(folder);
    if (!files) this.#plainFiles.set(folder, (files = plainFilesIn(folder)));
    return (await files).has(basename(path)) || isFile(path);
  }
}

async function plainFilesIn(folder: string): Promise<ReadonlySet<string>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  } catch {
    // Each path is looked at by itself then.
    return new Set();
  }
}

/** Also for links, and for names that a file system holds to be the same in another case or normal form than the folder shows. */
async function isFile(path: string): Promise<boolean> {
  return (await targetOf(path))?.isFile() === true;
}

/** Whether a path is a folder or lies below it, as they are written; both absolute and normalised. */
export const isBelow = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
