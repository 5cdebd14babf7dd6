import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { datasetFaults, detectorFaults, loadFaults, metricFaults, type PlantedFault } from './planted-plugin-faults.ts';
import { runCli } from './run-cli.ts';
import { spawnCli, type Ended, type Start } from './spawn-cli.ts';

const demo = fileURLToPath(new URL('../../../configs/demo.yaml', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'farout-faults-'));
const runFolder = path.join(folder, 'run');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Gives each fault a name and a file of its own, so that one process can meet all of them. */
const named = (kind: string, faults: readonly PlantedFault[]) =>
  faults.map((fault, index) => {
    const name = `${kind}-${index}`;
    const [plugin, says] = [fault.plugin, fault.says].map((text) => text.replaceAll('faulty', name)) as [
      string,
      string,
    ];
    return { ...fault, name, plugin, says };
  });
type NamedFault = ReturnType<typeof named>[number];
const titled = (faults: readonly NamedFault[]) => faults.map((fault) => [fault.title, fault] as const);

/** Runs the demonstration with few images and with these plugins. */
async function run(plugins: readonly Pick<NamedFault, 'name' | 'plugin'>[], set: readonly string[], start?: Start) {
  rmSync(runFolder, { recursive: true, force: true });
  for (const { name, plugin } of plugins) {
    const imports = `import { definePlugin, learnsFrom, scoresFrom, z } from '@farout/core';\n`;
    writeFileSync(path.join(folder, `${name}.mjs`), imports + plugin);
  }
  const overrides = [
    'store=store',
    'ood=[textures]',
    'metrics=[auroc]',
    'detectors={Energy: energy}',
    ...['objects', 'validation', 'textures'].map((name) => `datasets.${name}.demo-images.count=20`),
    `plugins=[${plugins.map(({ name }) => `./${name}.mjs`).join()}]`,
    ...set,
  ].flatMap((override) => ['--set', override]);
  const words = ['run', demo, ...overrides, '--out', 'run'];
  return start ? spawnCli(words, { cwd: folder, ...start }) : runCli(words, { cwd: folder });
}

const written = (file: string) => readFileSync(path.join(runFolder, file), 'utf8');
const results = () => JSON.parse(written('results.json')) as RunResults;
/** Energy's scores, the last column, and its numbers. */
const ofEnergy = () => ({
  scores: written('scores.csv').trim().split('\r\n').map((line) => line.split(',').at(-1)), // prettier-ignore
  results: results().results.filter(({ detector }) => detector === 'Energy'),
});

let sound: ReturnType<typeof ofEnergy>;
beforeAll(async () => {
  await run([], []);
  sound = ofEnergy();
});

/** The detectors of these names, each with the scorer of the same name, and Energy. */
const detectors = (faults: readonly Pick<NamedFault, 'name'>[]) =>
  `detectors={${[...faults.map(({ name }) => `${name}: ${name}`), 'Energy: energy'].join()}}`;

describe('a plugin that', () => {
  const faults = named('plugin', loadFaults);
  let ended: Ended;
  beforeAll(async () => (ended = await run(faults, [])));

  it.each(titled(faults))('%s is refused by its name', (_title, { name, says, code }) => {
    const messages = ended.stderr.split(/(?<=\[OOD_\w+\])\s+/);
    // Below a message's first line stands the experiment's own, which names all plugins.
    const own = messages.find((message) => message.split('\n', 1)[0]!.includes(`./${name}.mjs`));
    expect(own).toContain(says);
    expect(own).toContain(`[${code}]`);
  });

  it('is refused makes the request wrong: nothing is run, and no stack is shown', () => {
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(runFolder)).toBe(false);
  });
});

describe('a dataset that', () => {
  it.each(titled(named('dataset', datasetFaults)))('%s is refused by its name', async (_title, fault) => {
    const { code, stdout, stderr } = await run([fault], [`datasets.textures={${fault.name}: {}}`]);
    expect(stderr).toContain('the dataset "textures"');
    expect(stderr).toContain(fault.says);
    expect(stderr).toContain(`[${fault.code}]\n`);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('a detector that', () => {
  const faults = named('detector', detectorFaults);
  let ended: Ended;
  beforeAll(async () => (ended = await run(faults, [detectors(faults)])));

  it.each(titled(faults))('%s fails by its name', (_title, { name, says, code }) => {
    const found = results().failed.filter(({ detector }) => detector === name);
    expect(found).toEqual([{ detector: name, code, message: expect.stringContaining(says) }]);
    expect(ended.stdout).toMatch(new RegExp(`^ {2}${name}: .*\\[${code}\\]$`, 'm'));
  });

  it('fails leaves the others their scores, and makes the exit code 1', () => {
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^ Energy +\d/m);
    expect(ended.stdout).toContain(`\n${faults.length} detectors failed\n`);
    expect(ofEnergy()).toEqual(sound);
  });

  it('changes its rows changes nobody else’s', async () => {
    const plugin = `
      const wipe = (rows) => Object.values(rows).forEach(({ data }) => data.fill(0));
      const learn = async (rows) => { for await (const batch of rows) wipe(batch); return {}; };
      const fit = () => learnsFrom(['features', 'logits'], learn);
      const score = (rows) => (wipe(rows), new Float32Array(rows.logits.shape[0]));
      const rows = () => scoresFrom(['features', 'logits'], () => score);
      export default definePlugin({ name: 'wiping', scorers: [{ name: 'wiping', fit, rows }] });`;
    const wiping = { name: 'wiping', plugin };
    const { code } = await run([wiping], [detectors([wiping])]);
    expect({ code, energy: ofEnergy() }).toEqual({ code: 0, energy: sound });
  });
});

describe('a metric that', () => {
  const faults = named('metric', metricFaults);
  let ended: Ended;
  beforeAll(async () => (ended = await run(faults, [`metrics=[auroc,${faults.map(({ name }) => name).join()}]`])));

  it.each(titled(faults))('%s fails by its name', (_title, { name, says, code }) => {
    const found = results().failed.filter(({ message }) => message.includes(`the metric "${name}"`));
    expect(found).toEqual([{ detector: 'Energy', code, message: expect.stringContaining(says) }]);
  });

  it('fails leaves the others their numbers, and makes the exit code 1', () => {
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain(`\n${faults.length} measurements failed\n`);
    expect(ofEnergy()).toEqual(sound);
  });
});

describe('what has no end', () => {
  const others = 'datasets.textures.demo-images.seed=9';
  const sigint: Start = { onStderr: (text, send) => text.endsWith('here\n') && send('SIGINT') };

  it('is ended by SIGINT when it is a fit, and the features are kept', async () => {
    const plugin = `
      const fit = () => learnsFrom([], async () => {
        process.stderr.write('here\\n');
        for (;;) await new Promise((resolve) => setTimeout(resolve, 5));
      });
      const score = ({ logits }) => logits.max();
      export default definePlugin({ name: 'endless', scorers: [{ name: 'endless', params: z.object({}), fit, score }] });`;
    const endless = { name: 'endless', plugin };
    const { signal, stderr } = await run([endless], [detectors([endless]), others], sigint);
    expect(stderr).toContain('\nStopping: finished work is kept');
    expect(signal).toBe('SIGINT');
    await run([], [others]);
    expect(results().imagesRead).toBe(0);
  });

  it('is ended by SIGINT when it is the reading of an image', async () => {
    const plugin = `
      const read = () => (process.stderr.write('here\\n'), new Promise(() => {}));
      const open = async () => ({ images: [{ id: 'a', version: '1', read }] });
      export default definePlugin({ name: 'endless', datasets: [{ name: 'endless', params: z.object({}), open }] });`;
    const { signal } = await run([{ name: 'endless', plugin }], ['datasets.textures={endless: {}}'], sigint);
    expect(signal).toBe('SIGINT');
  });
});
