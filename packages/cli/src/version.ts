import { createRequire } from 'node:module';

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
