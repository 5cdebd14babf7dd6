// The compiler of the sources is TypeScript 7, which takes a fifth of the time of 6; what reads types as a library (API
// Extractor) still needs 6.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './ensure-installed.mjs';

const compiler = path.join(root, 'node_modules', 'typescript-native', 'bin', 'tsc');

/** Ends the process where the compiler finds a mistake; it has said which. */
export function compile(...words) {
  const { status } = spawnSync(process.execPath, [compiler, ...words], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** Compiles a package into its folder `dist`, with all that it imports. What is up to date is left alone. */
export const build = (project) => compile('-b', project);

// As Nx calls it.
if (process.argv[1] === fileURLToPath(import.meta.url)) build(process.argv[2]);
