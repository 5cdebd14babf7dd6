import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Calls of each operation that are tried: a sample of them, unless FAROUT_FAULTS=all. */
const most = process.env.FAROUT_FAULTS === 'all' ? 1_000_000 : 3;

describe('a run of which one call on a file of its store or its output fails', () => {
  it('loses no file of others and no former run, and ends by its own code, whichever call it is', async () => {
    const words = [
      '--import',
      pathOf('../../../../tools/failing-fs.mjs'),
      '--import',
      pathOf('../../../../tools/ts.mjs'),
    ];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...words, pathOf('run-with-faults.ts'), String(most)],
      { maxBuffer: 2 ** 26 },
    );
    const { tried, coded, wrong } = JSON.parse(stdout) as {
      readonly tried: Readonly<Record<string, number>>;
      readonly coded: Readonly<Record<string, number>>;
      readonly wrong: readonly string[];
    };
    console.info(
      `Calls that failed, by operation: ${JSON.stringify(tried)}; how the runs ended: ${JSON.stringify(coded)}`,
    );
    expect(wrong).toEqual([]);
    for (const op of [
      'open',
      'read',
      'write',
      'fsync',
      'rename',
      'rmdir',
      'mkdir',
      'unlink',
      'link',
      'readdir',
      'lstat',
    ])
      expect(tried[op]).toBeGreaterThan(0);
    expect(Object.keys(coded).sort()).toEqual(['OOD_OUTPUT_FAILED', 'OOD_STORE_FAILED', 'done']);
  }, 3_600_000);
});
