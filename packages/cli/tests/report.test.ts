import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnCli } from './spawn-cli.ts';

const demo = fileURLToPath(new URL('../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-cli-'));
const file = (name: string) => path.join(folder, 'run', name);
const itOnLinux = process.platform === 'linux' ? it : it.skip;

beforeAll(async () => {
  const few = ['objects', 'validation', 'noise'].map((set) => `datasets.${set}.demo-images.count=20`);
  const overrides = ['store=store', 'ood=[noise]', ...few].flatMap((each) => ['--set', each]);
  const { code, stderr } = await spawnCli(['run', demo, '--out', 'run', ...overrides], { cwd: folder });
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('farout report', () => {
  it('makes again, to the byte, what the run made for people to look at', async () => {
    const names = ['report.html', 'table.md', 'table.csv', 'table.tex'];
    const before = names.map((name) => readFileSync(file(name), 'utf8'));
    for (const name of names) rmSync(file(name));
    const { code, stdout } = await spawnCli(['report', 'run'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toBe(names.map((name) => `${path.join('run', name)}\n`).join(''));
    expect(names.map((name) => readFileSync(file(name), 'utf8'))).toEqual(before);
  });

  it('refuses a run that lacks what its report is drawn from, and leaves it as it is', async () => {
    const data = readFileSync(file('report-data.json'));
    rmSync(file('report-data.json'));
    const { code, stderr } = await spawnCli(['report', 'run'], { cwd: folder });
    writeFileSync(file('report-data.json'), data);
    expect(code).toBe(2);
    expect(stderr).toContain('[OOD_RUN_UNREADABLE]');
    expect(existsSync(file('report.html'))).toBe(true);
  });

  itOnLinux('opens the page in the browser of the desktop', async () => {
    const opened = path.join(folder, 'opened');
    const browser = path.join(folder, 'browser');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > ${opened}.tmp && mv ${opened}.tmp ${opened}\n`);
    chmodSync(browser, 0o755);
    const { code } = await spawnCli(['report', 'run', '--open'], { cwd: folder, env: { BROWSER: browser } });
    while (!existsSync(opened)) await wait(50);
    expect(code).toBe(0);
    expect(readFileSync(opened, 'utf8').trim()).toMatch(/run\/report\.html$/);
  });
});
