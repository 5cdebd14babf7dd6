import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineBackbone,
  defineHook,
  defineScorer,
  imageParameters,
  learnsFrom,
  scoresFrom,
  z,
  type DatasetImage,
  type HookDefinition,
  type ScorerDefinition,
} from '@farout/core';
import { constant, type Tensor } from '@farout/tensor';
import type { Experiment } from '../../src/experiment.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  CountingProgress,
  dataset,
  detector,
  featuresOf,
  firstFeature,
  headBias,
  headWeight,
  part,
  silent,
  temporaryFolder,
  tinyBackbone,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

const none = z.object({});

const maxLogit = defineScorer({ name: 'max-logit', params: none, score: ({ logits }) => logits.max() });
const maxOfRows = defineScorer({
  name: 'max-of-rows',
  params: none,
  rows: () =>
    scoresFrom(
      ['logits'],
      () =>
        ({ logits: { data } }) =>
          Float32Array.from({ length: data.length / 2 }, (_, row) => Math.max(data[2 * row]!, 0)),
    ),
});

/** Looks at darker images; the maximum may pass over what is no number. */
const darkened = defineScorer({
  name: 'darkened',
  params: none,
  score: ({ image, logitsOf }) => logitsOf(image.sub(10)).max(),
});

/** 1 for one class, as a tensor over both. */
const only = (k: number) => constant({ data: Float32Array.of(Number(k === 0), Number(k === 1)), shape: [2] });

/** The second logit becomes its root: no number where it is negative. */
const root = defineHook({
  name: 'root',
  params: none,
  logits: (logits) => logits.mul(only(0)).add(logits.mul(only(1)).sqrt()),
});

/** Moves the second logit to or below 0 where the second feature is small. */
const lowered = (by: number) =>
  defineHook({ name: 'lowered', params: none, logits: (logits) => logits.sub(only(1).mul(by)) });

const capped = defineHook({ name: 'capped', params: none, features: (h) => h.minimum(1) });

/** Swallows what is no number, as onnxruntime's minimum and maximum may. */
const swallowing = defineHook({ name: 'swallowing', params: none, features: (h) => h.equal(h).where(h, 0) });

const learning = defineHook({
  name: 'learning',
  params: none,
  fit: () =>
    learnsFrom(['features'], async (rows) => {
      let count = 0;
      for await (const { features } of rows) count += features.shape[0];
      return { count: { data: Int32Array.of(count), shape: [] } };
    }),
});

/** The tiny network with a last feature that `of` makes of it. */
const networkWith = (of: (h: Tensor) => Tensor) =>
  defineBackbone({
    name: 'tiny',
    params: z.object({ ...imageParameters }),
    open: () => {
      const last = constant({ data: Float32Array.of(0, 0, 1), shape: [3] });
      const features = (image: Tensor) => {
        const h = image.mean([2, 3]);
        return last.equal(1).where(of(h), h);
      };
      const weight = constant({ data: headWeight, shape: [2, 3] });
      return Promise.resolve({ features, head: { weight, bias: constant({ data: headBias, shape: [2] }) } });
    },
  });

let folder: string;
let id: DatasetImage[];
let ood: DatasetImage[];
/** The image of the ID set with the largest last feature, which alone is above the limit. */
let odd: string;
let limit: number;

beforeEach(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 20);
  ood = await writeImages(path.join(folder, 'ood'), 100, 110);
  const blue = [...id, ...ood].map((image) => ({ image, value: featuresOf(Number.parseInt(image.id))[2]! }));
  const [first, second] = blue.sort((a, b) => b.value - a.value);
  odd = first!.image.id;
  limit = (first!.value + second!.value) / 2;
});

type Parts = readonly [name: string, scorer: ScorerDefinition, ...hooks: HookDefinition[]];

async function run(detectors: readonly Parts[], network?: (h: Tensor) => Tensor, change: Partial<Experiment> = {}) {
  const built = detectors.map(([name, scorer, ...hooks]) =>
    detector(
      name,
      scorer,
      hooks.map((hook) => part(hook)),
    ),
  );
  const tiny = tinyExperiment({ id, ood, detectors: built }, path.join(folder, 'store'));
  const definition = network ? networkWith(network) : tinyBackbone;
  const experiment = { ...tiny, backbone: { ...tiny.backbone, definition }, ...change };
  const out = path.join(folder, 'runs', 'tiny');
  const progress = new CountingProgress();
  const { results } = await runExperiment(experiment, { out, logger: silent, progress, reporters: [] });
  const csv = (await readFile(path.join(out, 'scores.csv'), 'utf8')).trim().split('\r\n');
  return { ...results, rows: csv.slice(1).map((line) => line.split(',')) };
}

const setOf = (image: string) => (id.some((each) => each.id === image) ? 'inside' : 'outside');
const failure = (name: string, code: string, message: string) => ({
  detector: name,
  code,
  message: expect.stringContaining(message) as unknown,
});
const failureOf = (name: string, image: string) =>
  failure(name, 'OOD_SCORE_INVALID', `returned NaN for the image "${image}".`);

describe('what is no number', () => {
  it('ends the run when the network gives it as a feature, whatever hooks and scorers make of it', async () => {
    const detectors: Parts[] = [
      ['Swallowed', maxLogit, swallowing],
      ['First', firstFeature],
    ];
    // The root of what is negative for the one image.
    await expect(run(detectors, (h) => h.neg().add(limit).sqrt())).rejects.toMatchObject({
      code: 'OOD_FEATURES_INVALID',
      message: `the network gives NaN for the image "${odd}" of ${setOf(odd)}: feature 2 of 0..2`,
    });
  });

  it('fails the parts that would learn from it', async () => {
    const [inside, outside] = [id, ood].map((images) => images.filter((image) => image.id !== odd));
    const datasets = new Map([
      ['inside', dataset(inside!)],
      ['outside', dataset(outside!)],
      ['third', dataset([...id, ...ood].filter((image) => image.id === odd))],
    ]);
    const { failed, results } = await run(
      [
        ['Learns', maxLogit, learning],
        ['Max', maxLogit],
      ],
      (h) => h.neg().add(limit).sqrt(),
      { datasets, fit: 'third' },
    );
    const message = `the network gives NaN for the image "${odd}" of the fit set: feature 2 of 0..2`;
    expect(failed).toEqual([failure('Learns', 'OOD_FEATURES_INVALID', message)]);
    expect(results.map((each) => each.detector)).toContain('Max');
  });

  it('fails detectors whose logits hold it, also where their maximum is a number; hooks that mend the features go on', async () => {
    // An infinite feature: infinity times the weight 0 is no number in the second logit, and the first is −∞.
    const infinite = (h: Tensor) => h.greater(limit).where(Infinity, h);
    const { failed, results, rows } = await run(
      [
        ['Max', maxLogit],
        ['Rows', maxOfRows],
        ['Capped', maxLogit, capped],
      ],
      infinite,
    );
    expect(failed).toEqual([failureOf('Max', odd), failureOf('Rows', odd)]);
    expect(new Set(results.map((each) => each.detector))).toEqual(new Set(['Capped']));
    const predicted = rows.filter(([, image]) => image === odd).map((row) => row[3]);
    expect(predicted).toEqual(['']);
  });

  it('fails detectors whose hooks make it of a logit', async () => {
    const green = (image: DatasetImage) => featuresOf(Number.parseInt(image.id))[1]! + headBias[1]!;
    const all = [...id, ...ood].sort((a, b) => green(a) - green(b));
    const between = (green(all[0]!) + green(all[1]!)) / 2;
    const { failed } = await run([
      ['Rooted', maxLogit, lowered(between), root],
      ['Rows', maxOfRows, lowered(between), root],
      ['Fine', maxLogit, root],
    ]);
    expect(failed).toEqual([failureOf('Rooted', all[0]!.id), failureOf('Rows', all[0]!.id)]);
  });

  it('fails detectors over images that meet it on the way', async () => {
    const { failed } = await run([
      ['Dark', darkened, root],
      ['Bare', darkened],
    ]);
    expect(failed).toEqual([failureOf('Dark', '0.png')]);
  });
});
