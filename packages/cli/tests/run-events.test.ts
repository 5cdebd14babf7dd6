import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { demo, fewImages, setting } from './small-demo.ts';
import { runCli } from './run-cli.ts';
import type { Ended } from './spawn-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-events-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const farout = (...words: string[]) => runCli(words, { cwd: folder });

type Line = Readonly<Record<string, unknown>> & { readonly event: string };
/** Every line of stdout, each of which must be JSON. */
const linesOf = ({ stdout }: Ended) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const broken = `
import { definePlugin, defineScorer, scoresFrom } from '@farout/core';
const rows = () => scoresFrom(['logits'], () => () => { throw new Error('no idea'); });
export default definePlugin({ name: 'broken', scorers: [defineScorer({ name: 'broken', rows })] });
`;
const withBroken = ['metrics=[auroc]', 'plugins=[./broken.mjs]', 'detectors={MSP: msp, Mine: broken}'];

describe('farout run --json', () => {
  let ended: Ended;
  let lines: Line[];
  beforeAll(async () => {
    writeFileSync(path.join(folder, 'broken.mjs'), broken);
    ended = await farout('run', demo, ...setting([...fewImages(24), ...withBroken]), '--out', 'run', '--json');
    lines = linesOf(ended);
  });
  const of = (event: string) => lines.filter((line) => line.event === event);

  it('prints one JSON object a line, each with the version, in the order in which things happen', () => {
    expect(lines.map(({ version }) => version)).toEqual(lines.map(() => 1));
    expect([lines[0]!.event, lines.at(-1)!.event]).toEqual(['start', 'finish']);
    expect(of('stage').map(({ stage }) => stage)).toEqual(['open', 'extract', 'fit', 'score', 'evaluate', 'report']);
  });

  it('says what is run, and where its folder will be', () => {
    expect(of('start')).toEqual([
      {
        version: 1,
        event: 'start',
        experiment: 'demo',
        file: demo,
        out: path.join(folder, 'run'),
        datasets: ['objects', 'validation', 'noise', 'textures'],
        detectors: ['MSP', 'Mine'],
      },
    ]);
  });

  it('tells each pass over images with its counts', () => {
    const passes = ['objects', 'validation', 'noise', 'textures'];
    expect(of('pass')).toEqual(passes.map((pass) => ({ version: 1, event: 'pass', pass, done: 0, total: 24 })));
    expect(of('pass-end')).toEqual(passes.map((pass) => expect.objectContaining({ pass, done: 24, total: 24 })));
  });

  it('names a detector that failed; the exit code is 1 as without it', () => {
    expect(ended.code).toBe(1);
    const [failed, ...others] = of('detector-failed');
    expect(others).toEqual([]);
    expect(failed).toMatchObject({ detector: 'Mine', code: 'OOD_DETECTOR_FAILED' });
    expect(failed!.message).toContain('no idea');
  });

  it('ends with the numbers of results.json and its path', () => {
    const finish = lines.at(-1)!;
    const results = JSON.parse(readFileSync(finish.results as string, 'utf8')) as RunResults;
    expect(finish).toEqual({
      version: 1,
      event: 'finish',
      out: path.join(folder, 'run'),
      results: path.join(folder, 'run', 'results.json'),
      accuracy: results.accuracy,
      metrics: results.results,
      failed: 1,
    });
    expect(results.results).toContainEqual(expect.objectContaining({ detector: 'MSP', metric: 'auroc' }));
  });

  it('says of every mistake its code, place, fix and choices; stderr says it for people', async () => {
    const wrong = await farout('run', demo, '--json', '--set', 'detectors={A: enrgy, B: mps}');
    expect(wrong.code).toBe(2);
    const events = linesOf(wrong);
    expect(events).toHaveLength(2);
    expect(events[0]).toEqual({
      version: 1,
      event: 'error',
      code: 'OOD_UNKNOWN_SCORER',
      message: 'unknown scorer "enrgy"',
      place: { file: '--set', line: 1, column: 15, length: 5 },
      fix: 'Did you mean "energy"?',
      choices: { title: 'Available scorers', names: expect.arrayContaining(['energy', 'msp']) },
    });
    expect(wrong.stderr).toContain('Did you mean "energy"?');
  });

  it('says a mistake of the command line as an event too', async () => {
    const wrong = await farout('run', '--json');
    expect(wrong.code).toBe(2);
    expect(linesOf(wrong)).toEqual([expect.objectContaining({ event: 'error', code: 'OOD_BAD_COMMAND', place: null })]);
  });
});

describe('--quiet', () => {
  const energyAlone = ['metrics=[auroc]', 'detectors={Energy: energy}'];

  it('of run leaves stderr empty and stdout as it is', async () => {
    const words = ['run', demo, ...setting([...fewImages(24), ...energyAlone, 'device=auto']), '--out', 'quiet'];
    const quiet = await farout(...words, '--quiet', '--set', 'datasets.noise.demo-images.seed=9');
    expect(quiet).toMatchObject({ code: 0, stderr: '' });
    const loud = await farout(...words, '--set', 'datasets.noise.demo-images.seed=9');
    expect(loud.stderr).not.toBe('');
    expect(quiet.stdout).toBe(loud.stdout);
  });

  it('of run still says what is wrong on stderr', async () => {
    const { code, stderr } = await farout('run', 'nowhere.yaml', '--quiet');
    expect(code).toBe(2);
    expect(stderr).toContain('nowhere.yaml');
  });

  it('of check prints nothing when the experiment can be run', async () => {
    expect(await farout('check', demo, ...setting(fewImages(24)), '--quiet')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('--json', () => {
  it('of check says what the experiment would work on', async () => {
    const ended = await farout('check', demo, ...setting(fewImages(24)), '--json');
    expect(ended.code).toBe(0);
    expect(linesOf(ended)).toEqual([
      expect.objectContaining({
        event: 'checked',
        backbone: 'demo-resnet',
        classes: 12,
        featureWidth: 96,
        notes: [],
        images: { objects: 24, validation: 24, noise: 24, textures: 24 },
      }),
    ]);
  });

  it('of list says all of each part that explain says', async () => {
    const { code, stdout } = await farout('list', 'scorers', '--json');
    expect(code).toBe(0);
    const { version, parts } = JSON.parse(stdout) as { version: number; parts: { name: string }[] };
    expect(version).toBe(1);
    expect(parts.find(({ name }) => name === 'energy')).toMatchObject({
      kind: 'scorer',
      source: expect.stringContaining('NeurIPS 2020'),
      parameters: [{ name: 'temperature', required: false, default: '1', type: 'a number above 0' }],
    });
  });
});
