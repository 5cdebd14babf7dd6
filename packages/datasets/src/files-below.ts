import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';

/**
 * Tells which paths are files below a root once their links are followed. A folder is read once for all the paths in it:
 * for a list of 100,000 images this takes a fraction of a second, a look at each file several.
 */
export class FilesBelow {
  readonly #root: Promise<string>;
  readonly #plainFiles = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(root: string) {
    this.#root = realpath(root);
    // Whether there is a root at all is asked by `has`; until then nobody waits for the answer.
    this.#root.catch(() => undefined);
  }

  /** Whether an absolute path is a file, or a link to one, that lies below the root. False whatever the reason. */
  async has(path: string): Promise<boolean> {
    const folder = dirname(path);
    let files = this.#plainFiles.get(folder);
    if (!files) this.#plainFiles.set(folder, (files = this.#readPlainFiles(folder)));
    return (await files).has(basename(path)) || this.#hasBehindLinks(path);
  }

  async #readPlainFiles(folder: string): Promise<ReadonlySet<string>> {
    try {
      if (!isBelow(await this.#root, await realpath(folder))) return new Set();
      const entries = await readdir(folder, { withFileTypes: true });
      return new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
    } catch {
      return new Set();
    }
  }

  /** Also for names that a file system holds to be the same in another case or normal form than the folder shows. */
  async #hasBehindLinks(path: string): Promise<boolean> {
    try {
      const target = await realpath(path);
      return isBelow(await this.#root, target) && (await stat(target)).isFile();
    } catch {
      return false;
    }
  }
}

/** Whether a path is a folder or lies below it; both absolute and normalised. */
export const isBelow = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
