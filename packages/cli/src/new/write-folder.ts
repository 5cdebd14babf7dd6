import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError } from '@farout/core';
import type { PackageFiles } from './new-package.ts';

/**
 * Writes files into a new folder: beside it first, and renamed when all is there, so that it is whole or not there at all.
 * `shown` names the folder in messages.
 *
 * @throws FaroutError OOD_BAD_COMMAND when something of that name is there already, OOD_MISSING_FILE when it cannot be
 *   written where it is wanted.
 */
export async function writeFolder(folder: string, shown: string, files: PackageFiles): Promise<void> {
  if (await lstat(folder).catch(() => undefined)) throw isThere(shown);
  let workplace: string | undefined;
  try {
    workplace = await mkdtemp(path.join(path.dirname(folder), '.farout-new-'));
    // One level below: mkdtemp's own folder is closed to other users.
    const whole = path.join(workplace, 'package');
    await writeAll(whole, files);
    await rename(whole, folder);
  } catch (cause) {
    throw couldNot(cause as NodeJS.ErrnoException, shown);
  } finally {
    // What is left over does no harm, and must not hide why the folder could not be written.
    if (workplace) await rm(workplace, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function writeAll(folder: string, files: PackageFiles): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

const isThere = (shown: string) =>
  new FaroutError('OOD_BAD_COMMAND', `${shown} is there already`, { fix: 'Name another folder with --to.' });

/** Somebody else may have been there first. */
const couldNot = (cause: NodeJS.ErrnoException, shown: string) =>
  ['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(String(cause.code))
    ? isThere(shown)
    : new FaroutError('OOD_MISSING_FILE', `${shown} cannot be written (${String(cause.code)})`, {
        fix: 'Name with --to a folder in one that exists and that you may write to.',
        cause,
      });
