import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder that the user stands in, to which paths on the command line are relative. npm runs scripts in the folder of
 * package.json and says in INIT_CWD where it was called.
 */
export const userFolder = (): string => path.resolve(process.env.INIT_CWD ?? process.cwd());

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

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** This package's manifest: beside `src` as well as beside `dist`. */
const manifest = createRequire(import.meta.url)('../package.json') as Manifest;

/** The version of farout. */
export const { version } = manifest;

/** The version of a package that farout depends on; the packages of farout are pinned to one each. */
export const versionOf = (name: string): string => manifest.dependencies[name] ?? version;
