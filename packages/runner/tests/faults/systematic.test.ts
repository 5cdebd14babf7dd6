import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const shim = new URL('../../../../tools/failing-fs.mjs', import.meta.url).href;

/** What tools/jest/compile-sources.mjs has made of a file of this folder. */
const compiled = (file: string) =>
  path.join(process.env.FAROUT_COMPILED!, 'packages', 'runner', 'tests', 'faults', file);

/** Calls of each operation that are tried: a sample of them, unless FAROUT_FAULTS=all. */
const isSample = process.env.FAROUT_FAULTS !== 'all';

interface Sweep {
  /** By operation, how often it failed. */
  readonly tried: Readonly<Record<string, number>>;
  /** By code, how often a run ended so. */
  readonly ended: Readonly<Record<string, number>>;
  readonly wrong: readonly string[];
}

async function sweep(script: string, most: number): Promise<Sweep> {
  const words = ['--import', shim, compiled(script), String(isSample ? most : 1_000_000), shim];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 2 ** 26 });
  const { tried, ended, wrong } = JSON.parse(stdout) as Sweep;
  console.info(
    `Calls that failed, by operation: ${JSON.stringify(tried)}; how the runs ended: ${JSON.stringify(ended)}`,
  );
  return { tried, ended, wrong };
}

/** An emergency brake: all calls take an hour on a busy machine. */
const brake = 7_200_000;

describe('a run of which one call fails', () => {
  it(
    'on a file of its store or its output loses no file of others and no former run, and ends by its own code',
    async () => {
      const { tried, ended, wrong } = await sweep('run-with-faults.js', 3);
      expect(wrong).toEqual([]);
      const writing = ['write', 'fsync', 'rename', 'rmdir', 'mkdir', 'unlink', 'link'];
      for (const op of ['open', 'read', 'readdir', 'lstat', ...writing]) expect(tried[op]).toBeGreaterThan(0);
      expect(Object.keys(ended).sort()).toEqual(['OOD_OUTPUT_FAILED', 'OOD_STORE_FAILED', 'done']);
    },
    brake,
  );

  it(
    'on an image, here or in a worker, names what it leaves out, and the next run knows nothing of it',
    async () => {
      const { tried, ended, wrong } = await sweep('run-with-image-faults.js', 1);
      expect(wrong).toEqual([]);
      for (const where of ['main', 'workers'])
        for (const op of ['open', 'read', 'stat']) expect(tried[`${op}, ${where}`]).toBeGreaterThan(0);
      expect(ended.done).toBeGreaterThan(0);
    },
    brake,
  );
});
