import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../run-cli.ts';

const demo = fileURLToPath(new URL('../../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const few = ['objects', 'validation', 'noise'].map((set) => `datasets.${set}.demo-images.count=20`);
const runTo = (out: string, ...overrides: string[]) =>
  runCli(
    [
      'run',
      demo,
      '--no-report',
      '--out',
      out,
      ...['store=store', 'ood=[noise]', ...few, ...overrides].flatMap((each) => ['--set', each]),
    ],
    { cwd: folder },
  );

describe('farout compare', () => {
  it('prints the detectors of all runs in one table, each run called as it was written', async () => {
    await runTo('first');
    await runTo('second', 'detectors={Energy: {energy: {temperature: 2}}}');
    const { code, stdout, stderr } = await runCli(['compare', 'first', './second'], { cwd: folder });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^first +ID accuracy .*\n\.\/second +ID accuracy /);
    const rows = [
      ...stdout
        .split('AUROC ↑')[1]!
        .split('AUPR')[0]!
        .matchAll(/^ (\S.*?) {2,}\d/gm),
    ].map(([, row]) => row);
    expect(rows).toEqual([
      'MSP, first',
      'MaxLogit, first',
      'Energy, first',
      'Energy, ./second',
      'ReAct, first',
      'ReAct + MSP, first',
    ]);
  });

  it('tests the differences between runs on the same images, and has a word where they are not', async () => {
    const many = (...overrides: string[]) =>
      ['objects', 'noise'].map((set) => `datasets.${set}.demo-images.count=40`).concat(overrides);
    const detectors = (parameters: string) => `detectors={Energy: {energy: ${parameters}}, MSP: msp}`;
    await runTo('warm', ...many(detectors('{temperature: 1}')));
    await runTo('hot', ...many(detectors('{temperature: 50}')));
    await runTo('other', ...many('datasets.objects.demo-images.seed=77', detectors('{temperature: 1}')));
    const { stdout } = await runCli(['compare', 'warm', 'hot', 'other'], { cwd: folder });
    expect(stdout).toMatch(/^AUROC less that of warm, in points, on the same images$/m);
    expect(stdout).toMatch(/^ {2}Energy +hot +noise +[+-]\d+\.\d\d +[+-]\d+\.\d\d to [+-]\d+\.\d\d +/m);
    expect(stdout).toMatch(/^ {2}MSP +hot +noise +0\.00 +same ranking +1\.0000 +1\.0000$/m);
    expect(stdout).toContain('Differences between warm and other are not tested: their ID images are not the same.');
  });

  it('refuses a folder that holds no run', async () => {
    const { code, stderr } = await runCli(['compare', 'nowhere'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('[OOD_RUN_UNREADABLE]');
  });
});
