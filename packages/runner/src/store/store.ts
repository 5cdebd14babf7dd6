import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file at once: temporary file, fsync, rename: whoever is killed in between leaves the former file whole. */
export async function writeAtomically(
  file: string,
  content: string | Uint8Array | readonly Uint8Array[],
): Promise<void> {
  await makeFolder(path.dirname(file));
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      // Each part goes behind the one before.
      for (const part of Array.isArray(content) ? content : [content]) await handle.writeFile(part as Uint8Array);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await leftBehind(rm(temporary, { force: true }));
    throw error;
  }
}

/**
 * Makes a folder and those above it, one by one: Node's own `recursive` never comes back below /proc, where a folder is
 * there but nothing can be made in it.
 *
 * @returns the folders that were not there, the outermost first.
 */
export async function makeFolder(folder: string): Promise<string[]> {
  if (await isFolder(folder)) return [];
  const parent = path.dirname(folder);
  const made = parent === folder ? [] : await makeFolder(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may have made it in the meantime.
    if (!(await isFolder(folder))) throw error;
    return made;
  }
  return [...made, folder];
}

const isFolder = (folder: string) =>
  stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

/** Clearing up that may fail: what is left over does no harm, and its error must not hide the one that led here. */
export const leftBehind = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );
