// Sources are compiled with TypeScript 7, which takes a fifth of the time of version 6. API Extractor, which uses TypeScript as a
// library, still needs version 6.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './ensure-installed.mjs';

const compiler = path.join(root, 'node_modules', 'typescript-native', 'bin', 'tsc');

/** Exits if the compiler finds an error, which it has already printed. */
export function compile(...words) {
  const { status } = spawnSync(process.execPath, [compiler, ...words], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** Compiles a package and everything it imports into their `dist` folders. Skips what is up to date. */
export const build = (project) => compile('-b', project);

// Called by Nx.
if (process.argv[1] === fileURLToPath(import.meta.url)) build(process.argv[2]);
