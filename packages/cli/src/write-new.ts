import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, lstat, open, readFile, realpath, rename, stat, unlink } from 'node:fs/promises';
import { FaroutError } from '@farout/core';

/**
 * Writes a new file, atomically. `shown` names it in messages.
 *
 * @throws FaroutError OOD_BAD_COMMAND if the name already exists, OOD_MISSING_FILE if the file cannot be written.
 */
export const writeNew = (file: string, shown: string, text: string | Uint8Array): Promise<void> =>
  whole(file, shown, text, async (temporary) => {
    // Creating a link never replaces an existing file.
    await link(temporary, file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
      // Not every file system supports links.
      return copyFile(temporary, file, constants.COPYFILE_EXCL);
    });
    await unlink(temporary);
  });

/**
 * Checks before long work that the file or folder named by `option` does not exist yet.
 *
 * @throws FaroutError OOD_BAD_COMMAND if it exists.
 */
export async function refuseExisting(file: string, shown: string, option = '--to'): Promise<void> {
  if (await lstat(file).catch(() => undefined)) throw isThere(shown, '', option);
}

/**
 * Writes a file that does not exist yet, or replaces one that `isOwn` recognises as written by this program.
 *
 * @throws FaroutError OOD_BAD_COMMAND if something else exists there, OOD_MISSING_FILE if the file cannot be written.
 */
export async function writeOwn(
  file: string,
  shown: string,
  text: string,
  isOwn: (text: string) => boolean,
): Promise<void> {
  const target = await realpath(file).catch(() => undefined);
  if (target === undefined) return writeNew(file, shown, text);
  const isKnown = async () => isOwn(await readPlain(target).catch(() => ''));
  if (!(await isKnown())) throw isThere(shown, 'and was not written by farout');
  return whole(target, shown, text, async (temporary) => {
    if (!(await isKnown())) throw isThere(shown, 'and was not written by farout');
    await rename(temporary, target);
  });
}

/** Does not wait for a FIFO. */
async function readPlain(file: string): Promise<string> {
  return (await stat(file)).isFile() ? readFile(file, 'utf8') : '';
}

async function whole(
  file: string,
  shown: string,
  text: string | Uint8Array,
  put: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await put(temporary);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw cause instanceof FaroutError ? cause : couldNot(cause as NodeJS.ErrnoException, shown);
  }
}

const isThere = (shown: string, what = '', option = '--to') =>
  new FaroutError('OOD_BAD_COMMAND', `${shown} already exists${what && `, ${what}`}`, {
    fix: `Choose another ${option === '--to' ? 'file' : 'folder'} with ${option}.`,
  });

const couldNot = (cause: NodeJS.ErrnoException, shown: string) =>
  cause.code === 'EEXIST'
    ? isThere(shown)
    : new FaroutError('OOD_MISSING_FILE', `${shown} cannot be written (${String(cause.code)})`, {
        fix: 'Choose another file with --to.',
        cause,
      });
