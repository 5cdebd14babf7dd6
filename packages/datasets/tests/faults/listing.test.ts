import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

it('lists all images or fails by its own code, whichever call on a folder, a link or a file fails', async () => {
  const tools = ['failing-fs.mjs', 'ts.mjs'].flatMap((file) => ['--import', pathOf(`../../../../tools/${file}`)]);
  const { stdout } = await promisify(execFile)(process.execPath, [...tools, pathOf('list-with-faults.ts')]);
  const { tried, ended, wrong } = JSON.parse(stdout) as {
    readonly tried: Readonly<Record<string, number>>;
    readonly ended: Readonly<Record<string, number>>;
    readonly wrong: readonly string[];
  };
  console.info(`Calls that failed, by operation: ${JSON.stringify(tried)}; how it ended: ${JSON.stringify(ended)}`);
  expect(wrong).toEqual([]);
  for (const op of ['readdir', 'stat', 'realpath', 'open', 'read']) expect(tried[op]).toBeGreaterThan(0);
});
