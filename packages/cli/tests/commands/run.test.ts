import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../run-cli.ts';
import { spawnCli, type Start } from '../spawn-cli.ts';

const demo = fileURLToPath(new URL('../../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The demonstration with few images, two OOD sets and two detectors, its store and its run in the test's folder. */
const small = (images: number, store = 'store') =>
  [
    `store=${store}`,
    'ood=[noise, textures]',
    'metrics=[fpr95]',
    'detectors={Energy: energy, ReAct: [react: {percentile: 90}, energy]}',
    ...['objects', 'validation', 'noise', 'textures'].map((set) => `datasets.${set}.demo-images.count=${images}`),
  ].flatMap((override) => ['--set', override]);
const run = (words: readonly string[]) => runCli(['run', demo, ...words], { cwd: folder });
const spawnRun = (words: readonly string[], start: Start) =>
  spawnCli(['run', demo, ...words], { cwd: folder, ...start });
const runFile = (...names: string[]) => readFileSync(path.join(folder, ...names), 'utf8');

/** A plugin that brings a scorer which always throws. */
const broken = `
import { definePlugin, defineScorer, scoresFrom } from '@farout/core';
const rows = () => scoresFrom(['logits'], () => () => { throw new Error('no idea'); });
export default definePlugin({ name: 'broken', scorers: [defineScorer({ name: 'broken', rows })] });
`;

/** A plugin that brings 300 images, PNGs of one grey pixel; if HANGS is set, the 280th says "here" and never comes. */
const slow = `
import { defineDataset, definePlugin, z } from '@farout/core';
const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNoaGgAAAMEAYFL09IQAAAAAElFTkSuQmCC', 'base64');
const read = async (at) => {
  if (at === 280 && process.env.HANGS) {
    process.stderr.write('here\\n');
    await new Promise(() => undefined);
  }
  return pixel;
};
const images = Array.from({ length: 300 }, (_, at) => ({ id: String(at), version: String(at), read: () => read(at) }));
const open = async () => ({ images });
export default definePlugin({ name: 'slow', datasets: [defineDataset({ name: 'slow', params: z.object({}), open })] });
`;

/** The words that load a plugin. */
function plugin(name: string, source: string): string[] {
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return ['--set', `plugins=[${file}]`];
}

describe('farout run', () => {
  it('prints the tables and the run folder to stdout, progress to stderr, and writes the run', async () => {
    const { code, stdout, stderr } = await run(small(40));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^demo\n\nID accuracy \d+\.\d\d %  objects, 40 images\n\n FPR95, ID positive ↓ /);
    expect(stdout).toMatch(/\n\nRun folder: runs.demo\nReport: runs.demo.report\.html\n$/);
    expect(stderr).toContain('objects: 40/40 (100 %) in ');
    expect(runFile('runs', 'demo', 'table.md')).toMatch(/^# demo\n/);
    expect(JSON.parse(runFile('runs', 'demo', 'results.json'))).toMatchObject({ name: 'demo', failed: [] });
  });

  it('writes where --out says, relative to where npm was called', async () => {
    const start = { cwd: path.dirname(demo), env: { INIT_CWD: folder } };
    expect(await spawnRun([...small(40), '--out', 'elsewhere'], start)).toMatchObject({ code: 0 });
    expect(runFile('elsewhere', 'table.md')).toMatch(/^# demo\n/);
  });

  it('finishes the other detectors when one fails, names it, and ends with exit code 1', async () => {
    const words = [
      ...small(40),
      ...plugin('broken', broken),
      '--set',
      'detectors={MSP: msp, Mine: broken}',
      '--no-report',
    ];
    const { code, stdout } = await run([...words, '--out', 'failing']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ MSP +\d/m);
    expect(stdout).toMatch(/\n1 detector failed\n {2}Mine: .*no idea.*\[OOD_DETECTOR_FAILED\]\n/);
  });

  it('refuses to replace a folder that is no run: exit code 1', async () => {
    writeFileSync(path.join(folder, 'a-file'), '');
    const { code, stdout, stderr } = await run([...small(40), '--out', '.']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/\[OOD_OUTPUT_FAILED\]\n$/);
  });

  it('keeps what is done when Ctrl-C stops it, ends by that signal, and goes on from there', async () => {
    const objects = [...plugin('slow', slow), '--set', 'datasets.objects={slow: {}}'];
    const words = [...small(40, 'interrupted'), ...objects, '--no-report', '--out', 'resumed'];
    const stopped = await spawnRun(words, {
      env: { HANGS: 'yes' },
      onStderr: (text, send) => {
        if (text.endsWith('here\n')) send('SIGINT');
      },
    });
    expect(stopped).toMatchObject({ signal: 'SIGINT', stdout: '' });
    expect(stopped.stderr).toContain('\nStopping: finished work is kept');
    const resumed = await run(words);
    expect(resumed).toMatchObject({ code: 0, signal: null });
    expect(resumed.stderr).toMatch(/^objects: 300 images, \d+ of them done before$/m);
  });

  it('says of a mistake in the experiment where it is: exit code 2, no stack', async () => {
    const { code, stdout, stderr } = await runCli(['run', 'nowhere.yaml'], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('nowhere.yaml');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('farout check', () => {
  it('tells what the experiment would work on', async () => {
    const { code, stdout, stderr } = await runCli(['check', demo, ...small(40)], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('backbone   demo-resnet, 12 classes, 96 features\n');
    expect(stdout).toContain('ood        noise (40 images), textures (40 images)\n');
  });
});
