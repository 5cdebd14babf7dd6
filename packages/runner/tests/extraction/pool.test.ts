import { cp, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BatchOutcome } from '../../src/extraction/batch.ts';
import { featureGraph, imageAccess } from '../../src/extraction/graphs.ts';
import { WorkerPool, type Batch } from '../../src/extraction/pool.ts';
import type { ImageInput } from '../../src/extraction/read-image.ts';
import { featuresOf, side, temporaryFolder, tinyBackbone, writeImages } from '../fixtures/tiny.ts';

const noFiles = () => Promise.reject(new Error('it reads no files'));

let folder: string;
let pool: WorkerPool | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
  const recipe = {
    mean: [0, 0, 0] as [number, number, number],
    std: [1, 1, 1] as [number, number, number],
    resize: side,
    crop: side,
  };
  const backbone = await tinyBackbone.open(recipe, { stateDict: noFiles, onnx: noFiles });
  await writeFile(path.join(folder, 'graph.onnx'), featureGraph(imageAccess(backbone, recipe)));
});

afterEach(async () => {
  delete process.env.NODE_OPTIONS;
  await pool?.close();
  pool = undefined;
});

/** As many images as call for several processes. */
const many = 10_000;

const openPool = (model = path.join(folder, 'graph.onnx'), images = many) =>
  (pool = new WorkerPool({ models: [model], device: 'cpu', recipe: { resize: side, crop: side } }, images));

async function* inBatches(images: readonly ImageInput[], size: number): AsyncGenerator<Batch> {
  for (let i = 0; i < images.length; i += size)
    yield await Promise.resolve({ images: images.slice(i, i + size), graphs: [0] });
}

async function collect(images: readonly ImageInput[], size: number): Promise<BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for await (const [, outcome] of openPool().map(inBatches(images, size))) outcomes.push(outcome);
  return outcomes;
}

const featuresIn = ({ arrays }: BatchOutcome): number[] => [...arrays.features!.data];

const reasons = (outcomes: readonly BatchOutcome[]) =>
  outcomes.flatMap(({ images }) => images.map(({ unreadable }) => unreadable));

describe('WorkerPool', () => {
  it('is one process for up to 128 images, and of more for more images as far as there are cores', async () => {
    expect(openPool(undefined, 128).size).toBe(1);
    await pool!.close();
    expect(openPool(undefined, 129).size).toBe(Math.min(availableParallelism(), 2));
    await pool!.close();
    expect(openPool(undefined, 1_000_000).size).toBe(Math.min(availableParallelism(), 8));
  });

  it('gives the features of every image in the order of the images', async () => {
    const images = (await writeImages(folder, 0, 50)) as ImageInput[];
    const features = (await collect(images, 3)).flatMap(featuresIn);
    const expected = images.flatMap((_, seed) => featuresOf(seed));
    expect(features).toHaveLength(expected.length);
    features.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it('leaves out an image that cannot be decoded and one that is not there, and says why', async () => {
    const images = (await writeImages(folder, 0, 3)) as ImageInput[];
    await writeFile(path.join(folder, 'broken.png'), 'this is no picture');
    const odd = [
      { path: path.join(folder, 'broken.png') },
      { path: path.join(folder, 'absent.png') },
      { failure: 'no such row' },
    ];
    const outcomes = await collect([images[0]!, ...odd, images[2]!], 8);
    expect(featuresIn(outcomes[0]!)).toHaveLength(2 * 3);
    const [first, broken, absent, failed, last] = reasons(outcomes);
    expect([first, last]).toEqual([undefined, undefined]);
    expect(broken).toMatch(/\w/);
    expect(absent).toMatch(/cannot be read \(ENOENT\)/);
    expect(failed).toBe('no such row');
  });

  it('loses the one image that kills a worker, and no other', async () => {
    const preload = new URL('../fixtures/crash-on-deadly.mjs', import.meta.url).href;
    process.env.NODE_OPTIONS = `--import ${preload}`;
    const images = (await writeImages(folder, 0, 20)) as { path: string }[];
    const deadly = path.join(folder, 'deadly.png');
    await cp(images[7]!.path, deadly);
    const mixed = images.map((image, i) => (i === 7 ? { path: deadly } : image));
    const outcomes = await collect(mixed, 4);
    expect(reasons(outcomes).map((reason) => reason ?? 'read')).toEqual(
      images.map((_, i) => (i === 7 ? 'it crashed the decoder or the network (SIGSEGV)' : 'read')),
    );
    const features = outcomes.flatMap(featuresIn);
    const expected = images.flatMap((_, seed) => (seed === 7 ? [] : featuresOf(seed)));
    features.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect(features).toHaveLength(expected.length);
  });

  it('leaves out an image that killed a worker and is gone since', async () => {
    const preload = new URL('../fixtures/crash-on-deadly.mjs', import.meta.url).href;
    process.env.NODE_OPTIONS = `--import ${preload}`;
    const [image] = (await writeImages(folder, 0, 1)) as ImageInput[];
    const [outcome] = await collect([{ path: path.join(folder, 'deadly-and-gone.png') }, image!], 2);
    expect(reasons([outcome!])).toEqual(['it crashed the decoder or the network (SIGSEGV)', undefined]);
    expect(outcome!.images.map(({ content }) => content)).toEqual([undefined, expect.stringMatching(/^[\da-f]{64}$/)]);
  });

  it('takes only a bounded number of batches ahead of what was given out', async () => {
    const [image] = (await writeImages(folder, 0, 1)) as ImageInput[];
    let taken = 0;
    async function* endless() {
      for (;;) {
        taken++;
        yield await Promise.resolve({ images: [image!], graphs: [0] });
      }
    }
    let given = 0;
    for await (const [{ images }] of openPool().map(endless())) {
      given += images.length;
      expect(taken - given).toBeLessThanOrEqual(2 * 8);
      if (given === 60) break;
    }
    expect(given).toBe(60);
  });

  it('fails with its own error when no worker can open the graph', async () => {
    const graph = path.join(folder, 'garbage.onnx');
    await writeFile(graph, 'garbage');
    const [image] = (await writeImages(folder, 0, 1)) as ImageInput[];
    const outcomes = openPool(graph).map(inBatches([image!], 1));
    await expect(outcomes.next()).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringMatching(/^onnxruntime cannot open the network: /) as unknown,
    });
  });
});
