import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  defineBackbone,
  defineDataset,
  defineScorer,
  imageParameters,
  learnsFrom,
  z,
  type ScorerDefinition,
} from '@farout/core';
import { onnxOperator, writeOnnx } from '@farout/onnx';
import { concat, constant, grad, input, type Tensor } from '@farout/tensor';
import { checkExperiment } from '../src/check-experiment.ts';
import type { Experiment } from '../src/experiment.ts';
import { loadPlugin } from '../src/plugins/load.ts';
import { folderOf } from './config/fixture.ts';
import {
  dataset,
  detector,
  firstFeature,
  part,
  pixelsOf,
  side,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from './fixtures/tiny.ts';
import { png } from './fixtures/png.ts';

let folder: string;
beforeAll(async () => (folder = await temporaryFolder()));

async function experimentOf(scorer: ScorerDefinition, change: Partial<Experiment> = {}): Promise<Experiment> {
  const id = await writeImages(path.join(folder, 'id'), 0, 2);
  const ood = await writeImages(path.join(folder, 'ood'), 2, 5);
  const detectors = [detector('Mine', scorer)];
  return { ...tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')), ...change };
}

const scorer = (score: Extract<ScorerDefinition, { score: unknown }>['score']) =>
  defineScorer({ name: 'mine', params: z.object({}), score });
const fails = () => {
  throw new Error('no luck');
};

/** An experiment on a classifier in an ONNX file: these features, and a linear layer. */
async function onNetwork(network: (image: Tensor) => Tensor): Promise<Experiment> {
  const head = {
    weight: constant({ data: Float32Array.of(1, 0, -1, 0, 1, 0), shape: [2, 3] }),
    bias: constant({ data: Float32Array.of(0, 0.5), shape: [2] }),
  };
  const file = path.join(folder, 'network.onnx');
  const features = network(input('image', ['N', 3, side, side]));
  await writeFile(file, writeOnnx({ features, logits: features.linear(head.weight, head.bias) }));
  const fromFile = defineBackbone({
    name: 'from-file',
    params: z.object({ ...imageParameters }),
    open: async (_, { onnx }) => {
      const model = await onnx(file);
      return {
        features: (image) => model.trace({ image }).get('features')!,
        head,
        output: { name: 'logits', of: 'logits' },
      };
    },
  });
  const { backbone, ...experiment } = await experimentOf(firstFeature);
  return { ...experiment, backbone: { ...backbone, definition: fromFile } };
}

/** How many processes open a network of their own meanwhile. */
async function openedApart(work: () => Promise<void>): Promise<number> {
  const started: ChildProcess[] = [];
  const listen = (message: unknown) => void started.push((message as { process: ChildProcess }).process);
  subscribe('child_process', listen);
  try {
    await work();
  } finally {
    unsubscribe('child_process', listen);
  }
  return started.filter(({ spawnargs }) => spawnargs.some((each) => /[/\\]opening\.[jt]s$/.test(each))).length;
}

describe('checkExperiment', () => {
  it('tells what the experiment would work on', async () => {
    expect(await checkExperiment(await experimentOf(firstFeature))).toEqual({
      images: { inside: 2, outside: 3 },
      classes: 2,
      featureWidth: 3,
      // Three features of four bytes, five images.
      cost: { bytesPerImage: 12, bytes: 60, free: expect.any(Number), passes: 1 },
      device: 'cpu',
      notes: [],
      common: { overlaps: [], duplicates: [], unknown: 5 },
    });
  });

  it('passes on what datasets have to say, and refuses what are no sentences', async () => {
    const noting = (notes: unknown) =>
      defineDataset({
        name: 'noting',
        params: z.object({}),
        open: () => Promise.resolve({ images: [{ id: 'a', path: '/a.png' }], notes: notes as string[] }),
      });
    const { datasets, ...experiment } = await experimentOf(firstFeature);
    const withNotes = (notes: unknown) => ({
      ...experiment,
      datasets: new Map(datasets).set('outside', part(noting(notes))),
    });
    expect((await checkExperiment(withNotes(['left one out']))).notes).toEqual(['outside: left one out']);
    await expect(checkExperiment(withNotes('left one out'))).rejects.toMatchObject({
      code: 'OOD_DATASET_INVALID',
      message: 'the dataset "outside" gives notes that are not a list of strings',
    });
  });

  it.each([
    [[0, 2], /gives the image "1" the label 2, but the network has 2 classes, 0 to 1$/, /^Count classes from 0/],
    [[1, 2], /the label 2, but/, /seem to start at 1: subtract 1/],
    [[6, 1000, 0], /the label 6, and 1 more such labels, but/, /^Count/],
  ])(
    'refuses labels %p of ID images for a network of two classes, not those of OOD images',
    async (labels, message, fix) => {
      const labelled = dataset(labels.map((label, i) => ({ id: `${i}`, path: '/a.png', label })));
      const { datasets, ...experiment } = await experimentOf(firstFeature);
      await expect(
        checkExperiment({ ...experiment, datasets: new Map(datasets).set('inside', labelled) }),
      ).rejects.toMatchObject({
        code: 'OOD_DATASET_INVALID',
        message: expect.stringMatching(message) as unknown,
        fix: expect.stringMatching(fix) as unknown,
        place: { file: 'tiny.yaml' },
      });
      const asOod = { ...experiment, datasets: new Map(datasets).set('outside', labelled) };
      expect((await checkExperiment(asOod)).images.outside).toBe(labels.length);
    },
  );

  it.each([
    ['throws', scorer(fails), 'OOD_DETECTOR_FAILED', 'no luck'],
    ['returns what is no score', scorer(({ logits }) => logits), 'OOD_DETECTOR_FAILED', 'expected float32 (N)'],
    ['adds shapes that do not fit', scorer(({ logits, features }) => logits.add(features)), 'OOD_SHAPE', 'broadcast'],
  ])('names a detector whose scorer %s', async (_title, faulty, code, says) => {
    const refused = checkExperiment(await experimentOf(faulty));
    await expect(refused).rejects.toMatchObject({ code, place: { file: 'tiny.yaml' } });
    await expect(refused).rejects.toThrow('the detector "Mine" cannot be built: ');
    await expect(refused).rejects.toThrow(says);
  });

  it('names a part that learns from labels which its set lacks, at its place, before anything is read', async () => {
    const learning = defineScorer({
      name: 'classes',
      fit: () => learnsFrom(['features', 'labels'], () => ({})),
      score: ({ logits }) => logits.max(),
    });
    const experiment = await experimentOf(learning);
    const labelled = await writeImages(path.join(folder, 'id'), 0, 2);
    const unlabelled = labelled.flatMap((image) => ('path' in image ? [{ id: image.id, path: image.path }] : []));
    await expect(checkExperiment(experiment)).resolves.toBeDefined();
    const without = { ...experiment, datasets: new Map([...experiment.datasets, ['inside', dataset(unlabelled)]]) };
    await expect(checkExperiment(without)).rejects.toMatchObject({
      code: 'OOD_MISSING_LABELS',
      message: expect.stringContaining('"0.png" of the fit set "inside" has no label'),
      place: { file: 'tiny.yaml' },
    });
  });

  it('refuses to keep more than 64 KB of an image, unless the experiment insists', async () => {
    const large = defineScorer({
      name: 'large',
      // 8 × 8 × 3 numbers, 86 times over: 66,048 bytes.
      readings: ({ image }) => ({
        copies: concat(
          Array.from({ length: 86 }, () => image),
          1,
        ),
      }),
      score: (_, __, { readings }) => readings.copies!.max([1, 2, 3]),
    });
    await expect(checkExperiment(await experimentOf(large))).rejects.toMatchObject({
      code: 'OOD_READING_TOO_LARGE',
      message: expect.stringContaining('keeps 66 KB of each image'),
      fix: expect.stringContaining('allowLargeReadings: true'),
    });
    const { cost } = await checkExperiment(await experimentOf(large, { allowLargeReadings: true }));
    expect(cost).toMatchObject({ bytesPerImage: 66_048 + 12, bytes: 5 * (66_048 + 12), passes: 1 });
  });

  it('names a backbone and a dataset that throw, both at once', async () => {
    const params = z.object({ ...imageParameters });
    const backbone = { ...part(defineBackbone({ name: 'broken', params, open: fails })) } as Experiment['backbone'];
    const broken = part(defineDataset({ name: 'broken', params: z.object({}), open: fails }));
    const datasets = new Map([['inside', broken]]);
    await expect(checkExperiment(await experimentOf(firstFeature, { backbone, datasets }))).rejects.toMatchObject({
      errors: [
        { code: 'OOD_DATASET_INVALID', message: 'the dataset "inside" cannot be opened: no luck' },
        { code: 'OOD_PLUGIN_FAILED', message: 'the backbone "broken" cannot be opened: no luck' },
      ],
    });
  });

  it('opens an ONNX file once and runs its features once, also to compare its output', async () => {
    const experiment = await onNetwork((image) => image.mean([2, 3]));
    const processes = await openedApart(async () => {
      await checkExperiment({ ...experiment, detectors: [detector('Mine', firstFeature)] });
    });
    // The file; what it was read as, on the same images; its features, in batches; its logits, on photographs.
    expect(processes).toBe(4);
  });

  it('reads the first two images of each set for an ONNX file, and none for other backbones', async () => {
    const reads: string[] = [];
    const { datasets, ...tiny } = await experimentOf(firstFeature);
    const counted = [...datasets.keys()].map((name) => {
      const images = Array.from({ length: 4 }, (_, i) => ({
        id: `${name} ${i}`,
        version: '1',
        read: () => {
          reads.push(`${name} ${i}`);
          return Promise.resolve(png(side, side, pixelsOf(i)));
        },
      }));
      return [name, dataset(images)] as const;
    });
    await checkExperiment({ ...tiny, datasets: new Map(counted) });
    expect(reads).toEqual([]);
    const { backbone } = await onNetwork((image) => image.mean([2, 3]));
    await checkExperiment({ ...tiny, backbone, datasets: new Map(counted) });
    expect(reads).toEqual(['inside 0', 'inside 1', 'outside 0', 'outside 1']);
  });

  it('says of a detector that needs the gradient of a quantised network that there is none', async () => {
    const [step, zero] = [
      { data: Float32Array.of(0.01), shape: [] },
      { data: Uint8Array.of(0), shape: [] },
    ].map((array) => constant(array));
    const experiment = await onNetwork((image) => {
      const [rounded] = onnxOperator('QuantizeLinear', [image, step, zero]);
      return onnxOperator('DequantizeLinear', [rounded, step, zero])[0]!.mean([2, 3]);
    });
    const saliency = scorer(({ image, logitsOf }) =>
      grad(logitsOf(image).flatten().sum(), image).abs().mean([1, 2, 3]),
    );
    await checkExperiment({ ...experiment, detectors: [detector('Energy', firstFeature)] });
    const refused = checkExperiment({ ...experiment, detectors: [detector('Saliency', saliency)] });
    await expect(refused).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringMatching(
        /^the detector "Saliency" cannot be built: grad: no gradient passes through a quantised network: QuantizeLinear/,
      ) as unknown,
      fix: expect.stringContaining('before quantisation') as unknown,
      place: { file: 'tiny.yaml' },
    });
  });

  it("names the line of the plugin's file that failed", async () => {
    const plugins = folderOf({
      'mine.mjs': `import { definePlugin, defineScorer, z } from '@farout/core';
const mine = defineScorer({
  name: 'mine',
  params: z.object({}),
  score: ({ logits }) =>
    logits.times(2),
});
export default definePlugin({ name: 'mine', scorers: [mine] });`,
    });
    const place = { file: 'experiment.yaml', line: 1, column: 1 };
    const [loaded] = await loadPlugin({ specifier: './mine.mjs', folder: plugins, place });
    await expect(checkExperiment(await experimentOf(loaded!.plugin.scorers![0]!))).rejects.toMatchObject({
      message: expect.stringContaining(
        `logits.times is not a function (${path.join(plugins, 'mine.mjs')}:6)`,
      ) as unknown,
    });
  });
});
