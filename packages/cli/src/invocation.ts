import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The user's working directory, which paths on the command line are relative to. npm runs scripts in the folder of
 * package.json, and passes the folder it was called from in INIT_CWD.
 */
export const userFolder = (): string => path.resolve(process.env.INIT_CWD ?? process.cwd());

/**
 * The repository from which `npm start` runs farout, as a shell word relative to the user's working directory; undefined otherwise.
 */
export const clone: string | undefined =
  process.env.FAROUT_CLONE === undefined ? undefined : word(path.relative(userFolder(), process.env.FAROUT_CLONE));

/** npm for that repository's scripts, from the user's working directory. */
export const npmOfClone = clone === '.' ? 'npm' : `npm --prefix ${clone ?? ''}`;

/** The beginning of printed commands, chosen so that they work in the user's working directory. */
export const invocation: string = clone === undefined ? installed() : `${npmOfClone} start --`;

/** Neither a project's dependency nor a copy downloaded by npx is on the shell's path, but npx finds both. */
function installed(): string {
  const [project, ...within] = fileURLToPath(import.meta.url).split(`${path.sep}node_modules${path.sep}`);
  const ofProject = within.length > 0 && !path.relative(project!, userFolder()).startsWith('..');
  return ofProject || process.env.npm_command === 'exec' ? 'npx farout' : 'farout';
}

/** A path as one shell word. */
export function word(text: string): string {
  if (text === '') return '.';
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** This package's manifest, which is next to `src` as well as `dist`. */
const manifest = createRequire(import.meta.url)('../package.json') as Manifest;

/** The version of farout. */
export const { version } = manifest;

/** The version of a package that farout depends on: farout's packages pin each other's exact versions. */
export const versionOf = (name: string): string => manifest.dependencies[name] ?? version;
