import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineScorer, tokens, z, type Device, type FaroutError } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { resolveDevice } from '@farout/runtime';
import { grad, input, type Tensor } from '@farout/tensor';
import { checkExperiment } from '../src/check-experiment.ts';
import type { Experiment } from '../src/experiment.ts';
import { readingKey } from '../src/extraction/extract.ts';
import { WorkerPool } from '../src/extraction/pool.ts';
import type { ImageInput } from '../src/extraction/read-image.ts';
import { runExperiment } from '../src/run-experiment.ts';
import {
  CountingProgress,
  detector,
  firstFeature,
  part,
  side,
  silent,
  temporaryFolder,
  tinyBackbone,
  tinyExperiment,
  writeImages,
} from './fixtures/tiny.ts';

const drivers = process.env.VK_ICD_FILENAMES;
const works = (device: 'cuda' | 'webgpu') =>
  resolveDevice(device).then(
    () => true,
    () => false,
  );
const [hasCuda, hasAdapter] = [await works('cuda'), await works('webgpu')];
const place = { file: 'tiny.yaml', line: 4, column: 9 };

let folder: string;

async function experimentOn(device: Experiment['device'], change: Partial<Experiment> = {}): Promise<Experiment> {
  const images = await writeImages(path.join(folder, 'images'), 0, 12);
  const parts = { id: images.slice(0, 6), ood: images.slice(6), detectors: [detector('First', firstFeature)] };
  return { ...tinyExperiment(parts, path.join(folder, 'store')), device, devicePlace: place, ...change };
}

async function run(experiment: Experiment) {
  const said: string[] = [];
  const progress = new CountingProgress();
  const logger = { ...silent, info: (sentence: string) => said.push(sentence) };
  const { results } = await runExperiment(experiment, {
    ...{ out: path.join(folder, 'run'), logger, progress, reporters: [] },
  });
  return { results, said, progress };
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as FaroutError,
  );

beforeEach(async () => {
  folder = await temporaryFolder();
});

describe('where no graphics card can be used', () => {
  beforeEach(() => {
    process.env.VK_ICD_FILENAMES = '/nowhere/driver.json';
  });
  afterEach(() => {
    if (drivers === undefined) delete process.env.VK_ICD_FILENAMES;
    else process.env.VK_ICD_FILENAMES = drivers;
  });

  it('a device that is named is an error at its place, in a run and in a check', async () => {
    const experiment = await experimentOn('webgpu');
    for (const work of [() => run(experiment), () => checkExperiment(experiment)]) {
      const error = await errorOf(work());
      expect(error).toMatchObject({ code: 'OOD_DEVICE_UNAVAILABLE', place, kind: 'request' });
      expect(error!.message).toContain('"webgpu" cannot be used here');
    }
  });

  (hasCuda ? it.skip : it)('"auto" is the CPU, which is said and stands in the results', async () => {
    const { results, said } = await run(await experimentOn('auto'));
    expect(results.device).toBe('cpu');
    expect(said).toContain('Networks run on cpu, the first of cuda, webgpu and cpu that works here.');
  });

  it('a worker says that the device is lacking, and not that it died', async () => {
    const model = path.join(folder, 'graph.onnx');
    await writeFile(model, writeOnnx({ y: input('x', [1]).add(1) }));
    const pool = new WorkerPool({ models: [model], device: 'webgpu', recipe: { resize: side, crop: side } }, 1000);
    try {
      const [image] = (await writeImages(folder, 0, 1)) as ImageInput[];
      const batches = (async function* () {
        yield await Promise.resolve({ images: [image!], graphs: [0] });
      })();
      const error = await errorOf(pool.map(batches).next());
      expect(error).toMatchObject({ code: 'OOD_DEVICE_UNAVAILABLE', choices: { title: 'Devices' } });
      expect(error!.fix).toContain('Vulkan driver');
    } finally {
      await pool.close();
    }
  });
});

it('a plugin may choose the device in place of the experiment', async () => {
  const services = new Map([[tokens.device, () => 'cpu']]);
  const { results } = await run(await experimentOn('webgpu', { services }));
  expect(results.device).toBe('cpu');
});

it('the key of what was made of images is another one for each device', async () => {
  const experiment = await experimentOn('cpu');
  const keyOn = (device: Device) => readingKey({ experiment, services: { device } }, 'a graph');
  expect(new Set((['cuda', 'webgpu', 'cpu'] as const).map(keyOn)).size).toBe(3);
  expect(keyOn('cpu')).toBe(keyOn('cpu'));
});

it('the key of what was made of images is another one for each mode of the resize', async () => {
  const { backbone, ...experiment } = await experimentOn('cpu');
  const keyOf = (mode: object) => {
    const params = { ...backbone.params, ...mode };
    return readingKey(
      { experiment: { ...experiment, backbone: { ...backbone, params } }, services: { device: 'cpu' } },
      'a graph',
    );
  };
  const modes = [{}, { interpolation: 'bicubic' }, { sides: 'both' }, { interpolation: 'bicubic', sides: 'both' }];
  expect(new Set(modes.map(keyOf)).size).toBe(4);
  expect(keyOf({ interpolation: 'bilinear', sides: 'shorter' })).toBe(keyOf({}));
});

// Skipped where no Vulkan driver works; VK_ICD_FILENAMES may name a software one.
const withAdapter = hasAdapter ? it : it.skip;

withAdapter('features are kept apart by device', async () => {
  const onCpu = await run(await experimentOn('cpu'));
  const onWebgpu = await run(await experimentOn('webgpu'));
  expect(onWebgpu.results.device).toBe('webgpu');
  expect([onCpu, onWebgpu].map(({ progress }) => progress.images)).toEqual([12, 12]);
  expect((await run(await experimentOn('webgpu'))).progress.images).toBe(0);
  expect(await checkExperiment(await experimentOn('webgpu'))).toMatchObject({ device: 'webgpu' });
});

/** The tiny network with something before its mean. */
const tinyAfter = (change: (image: Tensor) => Tensor): Experiment['backbone'] => {
  const backbone = part(tinyBackbone, { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side });
  const open: typeof tinyBackbone.open = async (...context) => {
    const { features, head } = await tinyBackbone.open(...context);
    return { head, features: (image) => features(change(image)) };
  };
  return { ...backbone, definition: { ...tinyBackbone, open } } as Experiment['backbone'];
};

withAdapter('a check names the nodes of a network that the device cannot compute', async () => {
  const inFloat64 = tinyAfter((image) => image.cast('float64').exp().log().cast('float32'));
  const error = await errorOf(checkExperiment(await experimentOn('webgpu', { backbone: inFloat64 })));
  expect(error).toMatchObject({ code: 'OOD_DEVICE_UNAVAILABLE', place });
  expect(error!.message).toMatch(/cannot compute these nodes of the graph on webgpu: .*Log \(/);
});

withAdapter(
  'a check names a node of a detector that differentiates through max-pooling, which the network alone does not',
  async () => {
    const pooled = tinyAfter((image) => image.maxPool({ kernel: 2 }));
    const differentiating = defineScorer({
      name: 'differentiating',
      params: z.object({}),
      score: ({ image, logitsOf }) => grad(logitsOf(image).max().sum(), image).sum([1, 2, 3]),
    });
    expect(await checkExperiment(await experimentOn('webgpu', { backbone: pooled }))).toMatchObject({
      device: 'webgpu',
    });
    const change = { backbone: pooled, detectors: [detector('Mine', differentiating)] };
    const error = await errorOf(checkExperiment(await experimentOn('webgpu', change)));
    expect(error).toMatchObject({ code: 'OOD_DEVICE_UNAVAILABLE', place });
    expect(error!.message).toMatch(/cannot compute these nodes of the graph on webgpu: \w+ \(/);
  },
);
