// Compiles packages into their folders `dist`, with all that they import. What is up to date is left alone.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './ensure-installed.mjs';

/** Ends the process where the compiler finds a mistake; it has said which. */
export function build(project) {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-b', project], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
