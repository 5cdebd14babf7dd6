import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../run-cli.ts';
import { spawnCli } from '../spawn-cli.ts';

const demo = fileURLToPath(new URL('../../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-cli-'));
const file = (name: string) => path.join(folder, 'run', name);
const itOnLinux = process.platform === 'linux' ? it : it.skip;

const few = ['objects', 'validation', 'noise'].map((set) => `datasets.${set}.demo-images.count=20`);
/** One detector with a section of its own in the report, and one without. */
const detectors = 'detectors={Energy: energy, ReAct: [react: {percentile: 90}, energy]}';
const overrides = ['store=store', 'ood=[noise]', 'metrics=[fpr95, auroc]', detectors, ...few].flatMap((each) => [
  '--set',
  each,
]);

beforeAll(async () => {
  const { code, stderr } = await runCli(['run', demo, '--out', 'run', ...overrides], { cwd: folder });
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('farout report', () => {
  it('makes again, to the byte, what the run made for people to look at', async () => {
    const names = ['report.html', 'table.md', 'table.csv', 'table.tex'];
    const before = names.map((name) => readFileSync(file(name), 'utf8'));
    for (const name of names) rmSync(file(name));
    const { code, stdout } = await runCli(['report', 'run'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toBe(names.map((name) => `${path.join('run', name)}\n`).join(''));
    expect(names.map((name) => readFileSync(file(name), 'utf8'))).toEqual(before);
  });

  it('draws what the run has drawn not again: neither it nor a second run loads Vega', async () => {
    // A bundle says of what it was made.
    const isOfVega = (url: string) =>
      url.startsWith('file:') && /\/node_modules\/vega\b/.test(url + readFileSync(fileURLToPath(url), 'utf8'));
    const modulesOfVega = async (words: readonly string[]) => {
      const scripts = mkdtempSync(path.join(folder, 'scripts-'));
      const { code } = await spawnCli(words, { cwd: folder, env: { NODE_V8_COVERAGE: scripts } });
      expect(code).toBe(0);
      const urls = readdirSync(scripts).flatMap((name) => {
        const covered = JSON.parse(readFileSync(path.join(scripts, name), 'utf8')) as { result: { url: string }[] };
        return covered.result.map(({ url }) => url);
      });
      return urls.filter(isOfVega).length;
    };
    expect(await modulesOfVega(['run', demo, '--out', 'run', ...overrides])).toBe(0);
    const page = readFileSync(file('report.html'), 'utf8');
    expect(await modulesOfVega(['report', 'run'])).toBe(0);
    rmSync(path.join(folder, 'store', 'drawings'), { recursive: true });
    expect(await modulesOfVega(['report', 'run'])).toBeGreaterThan(0);
    expect(readFileSync(file('report.html'), 'utf8')).toBe(page);
  });

  const readNothing: unknown = expect.stringMatching(
    /^Opening .*\n(.* in \d+ s\n)?(The store keeps .*\n)?0 images read, all 60 in the store\.\n$/,
  );

  it('computes what a report is drawn from where a run has none, to the byte, and reads no image for it', async () => {
    const names = ['report-data.json', 'table.md', 'table.csv', 'table.tex'];
    const before = names.map((name) => readFileSync(file(name), 'utf8'));
    const results = JSON.parse(readFileSync(file('results.json'), 'utf8')) as { seconds: unknown };
    const bare = await runCli(['run', demo, '--out', 'run', '--no-report', ...overrides], { cwd: folder });
    expect(bare).toMatchObject({ code: 0, stderr: readNothing });
    expect(bare.stdout).toMatch(/\nNo report; to create it: .* report run\n$/);
    expect(readdirSync(path.join(folder, 'run')).sort()).toEqual(['fitted', 'results.json', 'scores.csv']);
    expect(await runCli(['report', 'run'], { cwd: folder })).toMatchObject({ code: 0, stderr: readNothing });
    expect(names.map((name) => readFileSync(file(name), 'utf8'))).toEqual(before);
    expect(Object.keys(JSON.parse(readFileSync(file('results.json'), 'utf8')) as object)).toEqual(Object.keys(results));
  });

  it('refuses to make the report of a run whose images have changed since', async () => {
    const other = overrides.map((word) => word.replace('noise.demo-images.count=20', 'noise.demo-images.count=21'));
    await runCli(['run', demo, '--out', 'run', '--no-report', ...other], { cwd: folder });
    const results = JSON.parse(readFileSync(file('results.json'), 'utf8')) as Record<string, unknown>;
    const said = { ...results, thresholds: {}, sha256: undefined };
    const sha256 = createHash('sha256').update(JSON.stringify(said)).digest('hex');
    writeFileSync(file('results.json'), JSON.stringify({ ...said, sha256 }));
    const { code, stderr } = await runCli(['report', 'run'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('[OOD_RUN_UNREADABLE]');
    await runCli(['run', demo, '--out', 'run', ...overrides], { cwd: folder });
  });

  it('makes the files of a plugin where it is named, for the own eyes when asked to; else they stay as they are', async () => {
    const plugin = (said: string) => `
      import { definePlugin, defineReporter } from '@farout/core';
      const names = defineReporter({
        name: 'names',
        file: 'names.txt',
        render: ({ name }, { curves }, { full }) => \`${said} \${name}, \${curves.length} curves, full: \${full}\`,
      });
      export default definePlugin({ name: 'names', reporters: [names] });`;
    writeFileSync(path.join(folder, 'names.mjs'), plugin('run'));
    const words = ['run', demo, '--out', 'own', ...overrides, '--set', 'plugins=[./names.mjs]'];
    expect(await runCli(words, { cwd: folder })).toMatchObject({ code: 0 });
    const written = () => readFileSync(path.join(folder, 'own', 'names.txt'), 'utf8');
    expect(written()).toMatch(/^run demo, \d+ curves, full: false$/);
    // A process loads a file once.
    writeFileSync(path.join(folder, 'again.mjs'), plugin('again'));
    expect(await runCli(['report', 'own'], { cwd: folder })).toMatchObject({ code: 0 });
    expect(written()).toMatch(/^run demo/);
    const { code, stdout } = await runCli(['report', 'own', '--plugin', './again.mjs', '--full'], { cwd: folder });
    expect({ code, last: stdout.trim().split('\n').at(-1) }).toEqual({ code: 0, last: path.join('own', 'names.txt') });
    expect(written()).toMatch(/^again demo, \d+ curves, full: true$/);
  });

  it('never writes over a page that was changed, nor over anything in a folder of an older farout', async () => {
    const table = readFileSync(file('table.md'), 'utf8');
    writeFileSync(file('table.md'), 'notes');
    const { code, stderr } = await runCli(['report', 'run'], { cwd: folder });
    expect({ code, named: stderr.includes(file('table.md')) }).toEqual({ code: 1, named: true });
    expect(stderr).toMatch(/\[OOD_OUTPUT_FAILED\]\n$/);
    expect(readFileSync(file('table.md'), 'utf8')).toBe('notes');
    writeFileSync(file('table.md'), table);
  });

  itOnLinux('opens the page in the browser of the desktop', async () => {
    const opened = path.join(folder, 'opened');
    const browser = path.join(folder, 'browser');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > "${opened}.tmp" && mv "${opened}.tmp" "${opened}"\n`);
    chmodSync(browser, 0o755);
    const { code } = await spawnCli(['report', 'run', '--open'], { cwd: folder, env: { BROWSER: browser } });
    while (!existsSync(opened)) await wait(50);
    expect(code).toBe(0);
    expect(readFileSync(opened, 'utf8').trim()).toMatch(/run\/report\.html$/);
  });
});
