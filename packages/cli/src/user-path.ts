import { existsSync } from 'node:fs';
import path from 'node:path';
import { badCommand } from './errors.ts';
import { userFolder } from './user-folder.ts';

/**
 * A path that an option names, absolute.
 *
 * @throws FaroutError OOD_BAD_COMMAND where it would make a folder called `~` or `$HOME`: the shell has not replaced them.
 */
export function userPath(option: string, given: string): string {
  const absolute = path.resolve(userFolder(), given);
  const [unreplaced] = /^~(?=\/|$)|(?<=^|\/)\$\{?[A-Za-z_]\w*\}?/.exec(given) ?? [];
  if (unreplaced === undefined || existsSync(absolute)) return absolute;
  const fix = `The shell replaces ~ at the beginning of a word, and variables outside of single quotes: --${option} "$HOME/…".`;
  throw badCommand(
    `--${option} would be called "${unreplaced}" as it stands: the shell has not replaced it`,
    undefined,
    fix,
  );
}
