import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runCli } from './run-cli.ts';
import { demo, fewImages, setting } from './small-demo.ts';
import { spawnCli } from './spawn-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-colours-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const set = [...fewImages(24), 'metrics=[auroc]', 'detectors={Energy: energy}'];
beforeAll(() => runCli(['run', demo, ...setting(set), '--no-report', '--out', 'run'], { cwd: folder }));

const escape = String.fromCharCode(27);
const every: [string, string[]][] = [
  ['a run, whose table and warnings', ['run', demo, ...setting([...set, 'seed=1']), '--no-report', '--out', 'run']],
  ['a comparison', ['compare', 'run', 'run']],
  ['a mistake', ['run', 'nowhere.yaml']],
  ['the help', ['--help']],
  ['a listing', ['list']],
];
const coloured = async (words: string[], env: NodeJS.ProcessEnv) => {
  const { stdout, stderr } = await spawnCli(words, { cwd: folder, env });
  return { stdout: stdout.includes(escape), stderr: stderr.includes(escape) };
};

it.each(every)('%s has no colour with NO_COLOR, whatever FORCE_COLOR says', async (_, words) => {
  expect(await coloured(words, { NO_COLOR: '1', FORCE_COLOR: '1' })).toEqual({ stdout: false, stderr: false });
});

it('FORCE_COLOR colours the table, and the warnings on stderr', async () => {
  const replaced = ['run', demo, ...setting([...set, 'seed=2']), '--no-report', '--out', 'run'];
  expect(await coloured(replaced, { FORCE_COLOR: '1' })).toEqual({ stdout: true, stderr: true });
  expect(await coloured(['compare', 'run'], { FORCE_COLOR: '1' })).toEqual({ stdout: true, stderr: false });
});
