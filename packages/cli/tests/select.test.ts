import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { runCli } from './run-cli.ts';
import { demo, fewImages, setting } from './small-demo.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-select-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sweep = 'react: { percentile: { sweep: [50, 80, 90] } }';
const judged = [
  ...fewImages(60),
  'datasets.judged={demo-images: {set: objects, count: 50, seed: 4}}',
  'datasets.strange={demo-images: {set: textures, count: 50, seed: 4}}',
];
const swept = [
  ...judged,
  `detectors={ Energy: energy, ReAct: [${sweep}, energy: { temperature: { sweep: [1, 5] } }] }`,
];

interface Ran {
  readonly results: RunResults;
  readonly scores: string;
  readonly stdout: string;
}

async function run(overrides: readonly string[]): Promise<Ran> {
  const { code, stdout, stderr } = await runCli(['run', demo, ...setting(overrides), '--out', 'out'], { cwd: folder });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const read = (file: string) => readFileSync(path.join(folder, 'out', file), 'utf8');
  return { results: JSON.parse(read('results.json')) as RunResults, scores: read('scores.csv'), stdout };
}

/** The overrides that write what was chosen into the detector. */
function written({ results }: Ran): string[] {
  const { values } = results.chosen!.ReAct!;
  const react = `react: { percentile: ${String(values['react.percentile'])} }`;
  const energy = `energy: { temperature: ${String(values['energy.temperature'])} }`;
  return [...judged, `detectors={ Energy: energy, ReAct: [${react}, ${energy}] }`];
}

describe('choosing parameters', () => {
  it.each([
    '{ by: auroc, id: judged }',
    '{ by: fpr95, id: judged, ood: strange }',
    '{ by: auroc, id: judged, ood: [uniform noise, strange] }',
    '{ by: detection-error, id: judged, ood: shuffled patches }',
  ])('changes no number but by the parameters that it chooses: %s', async (select) => {
    const chosen = await run([...swept, `select=${select}`]);
    const alone = await run(written(chosen));
    const { results, thresholds, accuracy, fitted } = chosen.results;
    expect({ results, thresholds, accuracy, fitted }).toEqual({
      results: alone.results.results,
      thresholds: alone.results.thresholds,
      accuracy: alone.results.accuracy,
      fitted: alone.results.fitted,
    });
    expect(chosen.scores).toBe(alone.scores);
  });

  it('says what was chosen among which points on what, as a run over those sets gives it', async () => {
    const { results, stdout } = await run([...swept, 'select={ by: auroc, id: judged, ood: strange }']);
    const { chosen, remarks, datasets } = results;
    const direct = await run([...swept, 'id=judged', 'ood=[strange]', 'metrics=[auroc]']);
    const valueOf = (values: Readonly<Record<string, unknown>>) =>
      direct.results.results.find(
        ({ detector, ood }) =>
          detector ===
            `ReAct (percentile ${String(values['react.percentile'])}, temperature ${String(values['energy.temperature'])})` &&
          ood === 'strange',
      )!.value;
    const { points, values } = chosen!.ReAct!;
    expect(points.map((point) => point.value)).toEqual(points.map((point) => valueOf(point.values)));
    expect(valueOf(values)).toBe(Math.max(...points.map((point) => point.value!)));
    expect(chosen).toMatchObject({ ReAct: { row: 'ReAct', by: 'auroc', id: ['judged'], ood: ['strange'] } });
    expect(points).toHaveLength(6);
    expect(remarks).toEqual([]);
    expect(stdout.replace(/\s+/g, ' ')).toContain(' chosen by AUROC on judged against strange, out of 6 points.');
    expect(datasets.strange).toMatchObject({ roles: ['select'], images: 50 });
  });

  it('shows all points where it is asked to, and names the row of the chosen one', async () => {
    const { results } = await run([...swept, 'select={ by: auroc, id: judged, ood: strange, show: all }']);
    const rows = new Set(results.results.map(({ detector }) => detector));
    expect(rows.size).toBe(7);
    expect(rows).toContain(results.chosen!.ReAct!.row);
  });

  it('takes the default where all points are equal, and says that the data could not choose', async () => {
    const equal = [...judged, 'detectors={ MSP: { energy: { temperature: { sweep: [1, 1.0000001, 0.9999999] } } } }'];
    const { results } = await run([...equal, 'select={ by: fpr95, id: judged, ood: strange }']);
    expect(results.chosen!.MSP).toMatchObject({ values: { 'energy.temperature': 1 }, tied: 3 });
    expect(results.remarks!.join()).toContain('which could not decide: 3 points are equal, and this is the default');
  });
});

describe('configs/demo-sweep.yaml', () => {
  it("chooses ReAct's percentile on noise, from nothing but the repository", async () => {
    const file = path.join(path.dirname(demo), 'demo-sweep.yaml');
    const overrides = [...fewImages(60), 'datasets.judged.demo-images.count=50'];
    const words = ['run', file, ...setting(overrides), '--no-report', '--out', 'sweep'];
    expect(await runCli(words, { cwd: folder })).toMatchObject({ code: 0 });
    const { chosen } = JSON.parse(readFileSync(path.join(folder, 'sweep/results.json'), 'utf8')) as RunResults;
    expect(chosen!.ReAct).toMatchObject({ ood: ['gaussian noise', 'uniform noise', 'shuffled patches'] });
    expect(chosen!.ReAct!.points).toHaveLength(5);
  });
});

describe('images that detectors are tested on', () => {
  const refused = async (...overrides: string[]) => {
    const { code, stderr } = await runCli(['check', demo, ...setting([...swept, ...overrides])], { cwd: folder });
    return { code, isLeak: stderr.includes('[OOD_SELECTION_LEAK]'), stderr };
  };

  it('do not choose parameters when their set is named', async () => {
    expect(await refused('select={ id: judged, ood: textures }')).toMatchObject({ code: 2, isLeak: true });
    expect(await refused('select={ id: objects, ood: strange }')).toMatchObject({ code: 2, isLeak: true });
  });

  it('do not choose parameters under the name of another set', async () => {
    const planted = 'datasets.planted={demo-images: {set: objects, count: 20, seed: 3}}';
    const words = ['run', demo, ...setting([...swept, planted, 'select={ id: planted, ood: strange }'])];
    const { code, stderr } = await runCli([...words, '--out', 'leak'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('20 images used to choose parameters are also tested on: "0000-');
    expect(stderr).toContain('of "planted" is also in the ID set "objects"');
    expect(stderr).toContain('[OOD_SELECTION_LEAK]');
  });

  it('choose them where the experiment insists, and every table says so', async () => {
    const { results, stdout } = await run([
      ...swept,
      'select={ by: auroc, id: objects, ood: [noise, textures], allowTestSets: true }',
    ]);
    expect(results.chosen!.ReAct).toMatchObject({ testSets: ['objects', 'noise', 'textures'], unshown: 5 });
    expect(stdout).toContain(
      'Parameters were chosen on objects, noise and textures, which the detectors are also tested on',
    );
  });
});

describe('check', () => {
  it('says what chooses', async () => {
    const words = [
      'check',
      demo,
      ...setting([...swept, 'select={ by: auroc, id: judged, ood: [strange, uniform noise] }']),
    ];
    const { stdout } = await runCli(words, { cwd: folder });
    expect(stdout).toContain(
      'select     by auroc of judged (50 images) against strange (50 images), uniform noise (50 images, generated)\n' +
        '  choosing   6 points of 1 detector, before the test; 1 pass over 150 images, of which 50 are generated\n',
    );
    const { stdout: events } = await runCli([...words, '--json'], { cwd: folder });
    expect(JSON.parse(events)).toMatchObject({
      choice: { points: 6, detectors: 1, images: 150, made: 50, passes: 1 },
      select: { by: 'auroc', ood: ['strange', 'uniform noise'], show: 'chosen' },
    });
  });
});
