import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const run = (python: string, ...words: string[]) =>
  execFileSync(python, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const has9 = (python: string): boolean => {
  try {
    return run(python, '-c', 'import PIL; from PIL import _webp; print(PIL.__version__)').startsWith('9.4.');
  } catch {
    return false;
  }
};

/** A Python with Pillow 9.4, which is the reference; undefined where there is none. */
export const pythonWithPillow = [process.env.FAROUT_PYTHON, 'python3', '/usr/bin/python3'].find(
  (python): python is string => python !== undefined && has9(python),
);

/** Runs a program of this folder in it. */
export const runWithPillow = (program: string, ...words: string[]): string =>
  run(pythonWithPillow!, '-W', 'ignore', fileURLToPath(new URL(program, import.meta.url)), ...words);
