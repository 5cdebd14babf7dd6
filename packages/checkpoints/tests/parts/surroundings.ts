import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from '@jest/globals';

const shared = fileURLToPath(new URL('../../../../../shared/data', import.meta.url));

/** The folder of real networks and reference numbers, or undefined where it is not there. */
export const data = process.env.FAROUT_DATA ?? (existsSync(shared) ? shared : undefined);
export const itWithData = data ? it : it.skip;

/** Runs a program in a Python that has a module; its standard output. */
export type Python = (program: string, ...words: string[]) => string;

/** Whether a module is there. To import PyTorch takes a second of computing. */
const finds = 'import sys, importlib.util; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)';

/** A Python that has `module`, or undefined when there is none here. */
export function pythonWith(module: string): Python | undefined {
  const run = (python: string, ...words: string[]) =>
    execFileSync(python, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      run(python, '-c', finds, module);
      return (program, ...words) => run(python, '-c', program, ...words);
    } catch {
      // This one has it not; the next may.
    }
  }
  return undefined;
}

/** Gives a file of these bytes to `use`, and removes it. */
export async function inFile<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const path = join(folder, 'file');
    await writeFile(path, bytes);
    return use(path);
  });
}

/** Gives an empty folder to `use`, and removes it. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'farout-checkpoints-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
