import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineHook,
  defineScorer,
  learnsFrom,
  scoresFrom,
  tokens,
  type DatasetImage,
  type RunResults,
} from '@farout/core';
import { constant, grad, signOf, type Tensor } from '@farout/tensor';
import { Interrupted, type RunOptions } from '../src/container.ts';
import type { Experiment } from '../src/experiment.ts';
import { runExperiment } from '../src/run-experiment.ts';
import {
  CountingProgress,
  detector,
  featuresOf,
  firstFeature,
  headBias,
  headWeight,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from './fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', score: ({ logits }) => logits.max() });
const broken = defineScorer({ name: 'broken', score: ({ logits, features }) => logits.add(features).max() });
const throwing = defineScorer({
  name: 'throwing',
  rows: () => scoresFrom(['features'], () => () => Promise.reject(new Error('no luck'))),
});
const nan = defineScorer({
  name: 'nan',
  rows: () =>
    scoresFrom(
      ['features'],
      () =>
        ({ features: { shape } }) =>
          new Float32Array(shape[0]).fill(NaN, 1, 2),
    ),
});
const short = defineScorer({ name: 'short', rows: () => scoresFrom(['features'], () => () => new Float32Array(1)) });

const step = 0.25;

/** Looks at the image: every pixel one step towards a larger first logit. */
const stepping = defineScorer({
  name: 'stepping',
  score: ({ image, logitsOf }) => {
    const first = constant({ data: Float32Array.of(1, 0), shape: [2] });
    const logit = (x: Tensor) => logitsOf(x).mul(first).sum();
    return logit(image.add(signOf(grad(logit(image).sum(), image)).mul(step)));
  },
});

/** Subtracts the mean of the fit set, per channel: what it learns can be told from the images in plain loops. */
const centred = defineHook({
  name: 'centred',
  fit: () =>
    learnsFrom(['features'], async (rows) => {
      const mean = new Float64Array(3);
      for await (const { features } of rows) features.data.forEach((value, i) => (mean[i % 3]! += value / rows.count));
      return { mean: { data: Float32Array.from(mean), shape: [3] } };
    }),
  features: (h, _, { learnt }) => h.sub(learnt.mean!),
});

let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];

beforeEach(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 20);
  ood = await writeImages(path.join(folder, 'ood'), 100, 110);
});

const experimentOf = (detectors: Experiment['detectors'], change: Partial<Experiment> = {}): Experiment => ({
  ...tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')),
  ...change,
});

async function run(experiment: Experiment, options: Partial<RunOptions> = {}) {
  const progress = new CountingProgress();
  const out = path.join(folder, 'runs', 'tiny');
  const { results } = await runExperiment(experiment, { out, logger: silent, progress, reporters: [], ...options });
  return { results, progress, out };
}

const scoresOf = async (out: string) =>
  (await readFile(path.join(out, 'scores.csv'), 'utf8'))
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));

const logitsOf = (seed: number) =>
  [0, 1].map((k) => featuresOf(seed).reduce((sum, f, d) => sum + f * headWeight[3 * k + d]!, headBias[k]!));

describe('runExperiment', () => {
  it('scores every image as plain loops do and writes what it found', async () => {
    const { results, out } = await run(experimentOf([detector('First', firstFeature), detector('Max', maxLogit)]));
    const [header, ...rows] = await scoresOf(out);
    expect(header).toEqual(['dataset', 'image', 'label', 'predicted', 'First', 'Max']);
    expect(rows.map(([dataset, image]) => `${dataset} ${image}`)).toEqual([
      ...Array.from({ length: 20 }, (_, seed) => `inside ${seed}.png`),
      ...Array.from({ length: 10 }, (_, i) => `outside ${100 + i}.png`),
    ]);
    for (const [, image, label, predicted, first, max] of rows) {
      const seed = Number.parseInt(image!);
      const [a, b] = logitsOf(seed) as [number, number];
      expect(Number(label)).toBe(seed % 2);
      expect(Number(predicted)).toBe(a >= b ? 0 : 1);
      expect(Number(first)).toBeCloseTo(featuresOf(seed)[0]!, 5);
      expect(Number(max)).toBeCloseTo(Math.max(a, b), 5);
    }
    const right = Array.from(
      { length: 20 },
      (_, seed) => (logitsOf(seed)[0]! >= logitsOf(seed)[1]! ? 0 : 1) === seed % 2,
    );
    expect(results.accuracy).toBe(right.filter(Boolean).length / 20);
    const lowest = Math.min(...Array.from({ length: 20 }, (_, seed) => featuresOf(seed)[0]!));
    const above = Array.from({ length: 10 }, (_, i) => featuresOf(100 + i)[0]!).filter(
      (score) => score > lowest,
    ).length;
    expect(results.results.find(({ detector: name, ood: set }) => name === 'First' && set === 'outside')?.value).toBe(
      above / 10,
    );
    expect(JSON.parse(await readFile(path.join(out, 'results.json'), 'utf8'))).toEqual(results);
  });

  it('fits hooks on the fit set, and says what they learnt', async () => {
    const { results, out } = await run(experimentOf([detector('Centred', firstFeature, [part(centred)])]));
    const mean = Array.from({ length: 20 }, (_, seed) => featuresOf(seed)[0]!).reduce((a, b) => a + b, 0) / 20;
    const [, first] = await scoresOf(out);
    expect(Number(first![4])).toBeCloseTo(featuresOf(0)[0]! - mean, 5);
    const { shape, file } = results.fitted.Centred!.centred!.mean as { shape: number[]; file: string };
    expect(shape).toEqual([3]);
    expect(await readdir(path.join(out, path.dirname(file)))).toContain(path.basename(file));
  });

  it('runs a scorer that looks at images over them, through the hooks before it, and differentiates it', async () => {
    const { results } = await run(
      experimentOf([
        detector('Step', stepping),
        detector('Centred step', stepping, [part(centred)]),
        detector('Max', maxLogit),
      ]),
    );
    expect(results.failed).toEqual([]);
    const rows = await scoresOf(path.join(folder, 'runs', 'tiny'));
    const mean = [0, 1, 2].map((d) => id.reduce((sum, _, seed) => sum + featuresOf(seed)[d]! / id.length, 0));
    for (const [, image, , , stepped, centredStep] of rows.slice(1)) {
      // The first logit is r − b: red rises by a step, blue sinks by one, and green, whose sign is that of 0, rises.
      const [r, , b] = featuresOf(Number.parseInt(image!)) as [number, number, number];
      expect(Number(stepped)).toBeCloseTo(r + step - (b - step), 5);
      expect(Number(centredStep)).toBeCloseTo(r + step - mean[0]! - (b - step - mean[2]!), 5);
    }
  });

  it('keeps the scores of scorers that look at images, and goes on from them', async () => {
    const experiment = experimentOf([detector('Step', stepping)]);
    expect((await run(experiment)).progress.images).toBe(30);
    expect((await run(experiment)).progress.images).toBe(0);
  });

  it('reads no image the second time, also into another folder, and finds the same', async () => {
    const experiment = experimentOf([detector('Max', maxLogit), detector('Centred', firstFeature, [part(centred)])]);
    const first = await run(experiment);
    expect(first.progress.images).toBe(30);
    const second = await run(experiment, { out: path.join(folder, 'elsewhere') });
    expect(second.progress.stages).toBe(0);
    expect(second.results.results).toEqual(first.results.results);
    expect(await scoresOf(second.out === first.out ? path.join(folder, 'elsewhere') : second.out)).toEqual(
      await scoresOf(first.out),
    );
  });

  it('does not read again what was only touched, and reads what changed', async () => {
    const experiment = experimentOf([detector('Max', maxLogit)]);
    await run(experiment);
    for (const image of id) await utimes((image as { path: string }).path, 1, 1);
    expect((await run(experiment)).progress.images).toBe(0);
    const [other] = await writeImages(path.join(folder, 'other'), 27, 28);
    await writeFile((id[0] as { path: string }).path, await readFile((other as { path: string }).path));
    expect((await run(experiment)).progress.images).toBe(1);
    const [, first] = await scoresOf(path.join(folder, 'runs', 'tiny'));
    expect(Number(first![4])).toBeCloseTo(Math.max(...logitsOf(27)), 5);
  });

  it('names the detectors that fail and finishes the others', async () => {
    const bad = [
      detector('Broken', broken),
      detector('Throwing', throwing),
      detector('NaN', nan),
      detector('Short', short),
    ];
    const { results } = await run(experimentOf([...bad, detector('Max', maxLogit)]));
    expect(Object.keys(results.thresholds)).toEqual(['Max']);
    const failed = new Map(results.failed.map(({ detector: name, code, message }) => [name, { code, message }]));
    expect(failed.get('Broken')).toEqual({
      code: 'OOD_SHAPE',
      message: expect.stringContaining('Add: shapes (N, 2) and (N, 3)'),
    });
    expect(failed.get('Throwing')).toEqual({ code: 'OOD_DETECTOR_FAILED', message: 'no luck' });
    expect(failed.get('NaN')).toEqual({ code: 'OOD_SCORE_INVALID', message: expect.stringContaining('"1.png"') });
    expect(failed.get('Short')?.code).toBe('OOD_SCORE_INVALID');
  });

  it('leaves out an image that cannot be read, counts it and names it', async () => {
    await writeFile((id[3] as { path: string }).path, 'no picture');
    const { results, out } = await run(experimentOf([detector('Max', maxLogit)]));
    expect(results.datasets.inside).toMatchObject({
      images: 20,
      roles: ['id', 'fit'],
      unreadable: [{ image: '3.png' }],
    });
    expect((await scoresOf(out)).map(([, image]) => image)).not.toContain('3.png');
  });

  it('refuses to go on without an unreadable image when the experiment says so', async () => {
    await writeFile((id[3] as { path: string }).path, 'no picture');
    const experiment = experimentOf([detector('Max', maxLogit)], { onUnreadable: 'fail' });
    await expect(run(experiment)).rejects.toMatchObject({
      code: 'OOD_IMAGE_UNREADABLE',
      message: expect.stringContaining('3.png'),
    });
    await expect(run(experiment)).rejects.toMatchObject({ code: 'OOD_IMAGE_UNREADABLE' });
  });

  it('fails when no image of a dataset can be read', async () => {
    for (const image of ood) await writeFile((image as { path: string }).path, '');
    await expect(run(experimentOf([detector('Max', maxLogit)]))).rejects.toMatchObject({ code: 'OOD_NO_IMAGES_LEFT' });
  });

  it('stops at the next batch when it is told to, keeps the store and the former run', async () => {
    const experiment = experimentOf([detector('Max', maxLogit)]);
    const { out, results } = await run(experiment);
    await rm(path.join(folder, 'store'), { recursive: true });
    const abort = new AbortController();
    const progress = { start: () => abort.abort(), advance: () => undefined, stop: () => undefined };
    await expect(run(experiment, { signal: abort.signal, progress })).rejects.toBeInstanceOf(Interrupted);
    expect(JSON.parse(await readFile(path.join(out, 'results.json'), 'utf8'))).toEqual(results);
    expect((await run(experiment)).results.results).toEqual(results.results);
  });

  it('does not put a run in the place of a folder that holds something else', async () => {
    const out = path.join(folder, 'id');
    const running = run(experimentOf([detector('Max', maxLogit)]), { out });
    await expect(running).rejects.toMatchObject({ code: 'OOD_OUTPUT_FAILED' });
    expect(await readdir(out)).toHaveLength(20);
  });

  it('puts what was published beside what it measured', async () => {
    const published = { Max: { outside: { overlap: 0.25 } }, Other: { average: { overlap: 0.5 } } };
    const { results } = await run(experimentOf([detector('Max', maxLogit)], { published }));
    expect(results.results.map(({ ood: set, published: number }) => [set, number])).toEqual([
      ['outside', 0.25],
      ['average', undefined],
    ]);
  });

  it('gives its reporters the results and writes what they make of them', async () => {
    const reporters = [{ file: 'name.txt', render: ({ name }: RunResults) => name }];
    const { out } = await run(experimentOf([detector('Max', maxLogit)]), { reporters });
    expect(await readFile(path.join(out, 'name.txt'), 'utf8')).toBe('tiny');
  });

  it("uses a plugin's service in the place of its own", async () => {
    let now = 0;
    const clock = () => Promise.resolve({ now: () => (now += 5000) });
    const { results } = await run(
      experimentOf([detector('Max', maxLogit)], { services: new Map([[tokens.clock, clock]]) }),
    );
    expect(results.seconds.fit).toBe(5);
  });

  it('reads images that are no files, and not again while their version stands', async () => {
    const bytes = await readFile((id[4] as { path: string }).path);
    let reads = 0;
    const source = (version: string) => ({ id: 'made', version, read: () => Promise.resolve((reads++, bytes)) });
    id = [source('1')];
    const experiment = () => experimentOf([detector('Max', maxLogit)]);
    await run(experiment());
    const once = reads;
    const { out, results } = await run(experiment());
    expect(reads).toBe(once);
    expect(results.imagesRead).toBe(0);
    expect(Number((await scoresOf(out))[1]![4])).toBeCloseTo(Math.max(...logitsOf(4)), 5);
    id = [source('2')];
    const again = await run(experiment());
    // The thumbnail is known by its content.
    expect(reads).toBe(once + 1);
    expect(again.results.imagesRead).toBe(1);
  });
});
