import path from 'node:path';
import { FaroutError } from '@farout/core';

/** What some file system takes for something other than a name, or does not take at all. */
const notAName = /[/\\:*?"<>|\p{Cc}]|^$|[. ]$/u;
/** Bytes of a name in the usual file systems. */
const longest = 255;

/**
 * Where a run is written: what the user names, else `runs/<the experiment's name>`; absolute.
 *
 * @throws FaroutError OOD_BAD_COMMAND when the name cannot be a folder's; it is not bent, lest two experiments share one.
 */
export function runFolder(userFolder: string, name: string, out: string | undefined): string {
  if (out !== undefined) return path.resolve(userFolder, out);
  if (notAName.test(name) || Buffer.byteLength(name) > longest) {
    throw new FaroutError('OOD_BAD_COMMAND', `the experiment's name "${name}" cannot be the name of a run folder`, {
      fix: 'Say with --out <folder> where the run is to be written, or choose another name.',
    });
  }
  return path.join(userFolder, 'runs', name);
}
