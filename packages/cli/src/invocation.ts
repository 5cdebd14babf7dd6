import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { userFolder } from './user-folder.ts';

/** The repository that `npm start` runs farout from, as a word of a shell seen from the user's folder; else undefined. */
export const clone: string | undefined =
  process.env.FAROUT_CLONE === undefined ? undefined : word(path.relative(userFolder(), process.env.FAROUT_CLONE));

/** npm for the scripts of that repository, from wherever the user stands. */
export const npmOfClone = clone === '.' ? 'npm' : `npm --prefix ${clone ?? ''}`;

/** What a printed command begins with, so that it works in the folder that the user stands in. */
export const invocation: string = clone === undefined ? installed() : `${npmOfClone} start --`;

/** As a package of a project it is no command of the shell's, but npx finds it; so it does what it has fetched itself. */
function installed(): string {
  const [project, ...within] = fileURLToPath(import.meta.url).split(`${path.sep}node_modules${path.sep}`);
  const ofProject = within.length > 0 && !path.relative(project!, userFolder()).startsWith('..');
  return ofProject || process.env.npm_command === 'exec' ? 'npx farout' : 'farout';
}

/** A path as one word of a shell. */
export function word(text: string): string {
  if (text === '') return '.';
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
