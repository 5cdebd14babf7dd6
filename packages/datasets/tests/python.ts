import { execFileSync, spawnSync } from 'node:child_process';
import { it } from '@jest/globals';

const python = process.env.FAROUT_PYTHON ?? 'python3';

/** A test that is skipped, with a sentence that says so, where the Python of FAROUT_PYTHON, else python3, lacks these modules. */
export function itWithPython(modules: string): (title: string, test: () => void | Promise<void>) => void {
  if (spawnSync(python, ['-c', `import ${modules}`]).status === 0) return it;
  return (title) => {
    it.skip(`${title} (needs ${modules} in the Python of FAROUT_PYTHON, else in python3)`, () => undefined);
  };
}

/** What a program prints. */
export const runPython = (program: string, ...words: string[]): string =>
  execFileSync(python, ['-c', program, ...words], { encoding: 'utf8', maxBuffer: 2 ** 26 });
