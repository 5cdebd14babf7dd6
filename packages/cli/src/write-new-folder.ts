import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError } from '@farout/core';
import type { FolderFile } from '@farout/deploy';
import { badCommand } from './errors.ts';

/**
 * Writes a folder that is not there, whole or not at all. `option` names it in messages.
 *
 * @throws FaroutError OOD_BAD_COMMAND when something of that name is there, OOD_MISSING_FILE when it cannot be written.
 */
export async function writeNewFolder(folder: string, option: string, files: readonly FolderFile[]): Promise<void> {
  await refuseFolder(folder, option);
  let temporary: string | undefined;
  try {
    temporary = await mkdtemp(`${folder}.tmp-`);
    for (const { path: name, content } of files) {
      const file = path.join(temporary, ...name.split('/'));
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content, { flag: 'wx', flush: true });
    }
    await refuseFolder(folder, option);
    // A folder that has come in the meantime and has something in it is not replaced.
    await rename(temporary, folder);
  } catch (cause) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    if (cause instanceof FaroutError) throw cause;
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new FaroutError('OOD_MISSING_FILE', `${folder} cannot be written (${code})`, {
      fix: `Name another folder with --${option}.`,
      cause,
    });
  }
}

/**
 * Looks before long work whether `writeNewFolder` could write a folder.
 *
 * @throws FaroutError OOD_BAD_COMMAND when something of that name is there.
 */
export async function refuseFolder(folder: string, option: string): Promise<void> {
  if (await lstat(folder).catch(() => undefined))
    throw badCommand(`${folder} is there already`, undefined, `Name another folder with --${option}.`);
}
