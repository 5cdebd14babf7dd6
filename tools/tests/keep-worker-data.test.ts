import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { repository } from '../farout-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-workers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The second worker loads what runs its tests a second later than the first, as it may on a machine that is busy. */
const late = `
import { register } from 'node:module';
const load = async (url, context, next) => {
  if (url.endsWith('/worker-runner.js')) await new Promise((resolve) => setTimeout(resolve, 1000));
  return next(url, context);
};
if (process.env.TINYPOOL_WORKER_ID === '2') register('data:text/javascript,' + encodeURIComponent('export const load = ' + load));
`;

describe('a worker of Jest that starts later than the other', () => {
  it('runs its test file all the same', () => {
    mkdirSync(path.join(folder, 'tests'));
    for (const name of ['one', 'other'])
      writeFileSync(path.join(folder, `tests/${name}.test.ts`), `it('${name} passes', () => undefined);\n`);
    writeFileSync(path.join(folder, 'late.mjs'), late);
    const jest = ['node_modules/jest/bin/jest.js', '--config', 'tools/jest/jest.config.mjs', '--rootDir', folder];
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', path.join(folder, 'late.mjs'), '--import', './tools/jest/modules.mjs', ...jest, '-w', '2'],
      { cwd: repository, encoding: 'utf8', timeout: 60_000, env: { ...process.env, FORCE_COLOR: '0' } },
    );
    expect(stderr).toContain('Tests:       2 passed, 2 total');
    expect(status).toBe(0);
  });
});
