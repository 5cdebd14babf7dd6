import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  defineHook,
  defineScorer,
  learnsFrom,
  tokens,
  z,
  type DatasetImage,
  type RowStream,
  type Store,
} from '@farout/core';
import type { Detector, Experiment } from '../../src/experiment.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import { FileStore } from '../../src/store/store.ts';
import {
  CountingProgress,
  detector,
  firstFeature,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });

/** Learns how many rows there are, in a way of its own to meet errors. */
const counting = (name: string, read: (rows: RowStream<'features'>) => Promise<number>) =>
  defineHook({
    name,
    params: z.object({}),
    fit: () =>
      learnsFrom(['features'], async (rows) => ({ count: { data: Float32Array.of(await read(rows)), shape: [] } })),
    features: (h) => h,
  });
const count = async (rows: RowStream<'features'>) => {
  let all = 0;
  for await (const { features } of rows) all += features.shape[0];
  return all;
};
const plain = counting('plain', count);
const wrapping = counting('wrapping', (rows) =>
  count(rows).catch((cause: unknown) => Promise.reject(new Error('I could not read', { cause }))),
);
const failing = counting('failing', () => Promise.reject(Object.assign(new Error('my own file'), { code: 'ENOENT' })));

let folder: string;
let out: string;
let id: DatasetImage[];
let ood: DatasetImage[];

beforeAll(async () => {
  folder = await temporaryFolder();
  id = await writeImages(path.join(folder, 'id'), 0, 4);
  ood = await writeImages(path.join(folder, 'ood'), 4, 7);
});
beforeEach(async () => {
  out = path.join(await temporaryFolder(), 'run');
});

const experimentOf = (detectors: Detector[], services: Experiment['services'] = new Map()): Experiment => ({
  ...tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')),
  services,
});
const run = (experiment: Experiment) =>
  runExperiment(experiment, { out, logger: silent, progress: new CountingProgress(), reporters: [] });

const membersOf = ({ read, readRange, write, create }: FileStore): Store => ({ read, readRange, write, create });

/** The store, of which reading or writing fails for some keys once the images have been read. */
function storeThatFails(
  how: Partial<Record<'read' | 'write', RegExp>>,
  error = new Error('no space'),
): Map<symbol, () => Store> {
  const real = new FileStore(path.join(folder, 'store'));
  const store: Store = {
    ...membersOf(real),
    read: (key) => (how.read?.test(key) ? Promise.reject(error) : real.read(key)),
    write: (key, bytes) => (how.write?.test(key) ? Promise.reject(error) : real.write(key, bytes)),
  };
  return new Map([[tokens.store, () => store]]);
}

describe('a store that fails', () => {
  it.each([
    ['when a part has learnt', [detector('A', maxLogit, [part(plain)])], { write: /^learnt/ }],
    ['when it is asked what a part learnt', [detector('A', maxLogit, [part(plain)])], { read: /^learnt/ }],
    ['when thumbnails are kept', [detector('A', maxLogit)], { write: /^thumbnails/ }],
  ] as const)('%s ends the run with its own code; no detector is to blame', async (_, detectors, how) => {
    const experiment = experimentOf([...detectors], storeThatFails(how));
    const other = { ...experiment, detectors: [...detectors, detector('First', firstFeature)] };
    await expect(run(other)).rejects.toMatchObject({ code: 'OOD_STORE_FAILED', place: undefined });
  });

  it.each([
    ['as it comes', plain],
    ['in an error of its own', wrapping],
  ])('while a part reads what it learns from is not the part’s failure: %s', async (name, hook) => {
    await run(experimentOf([detector('First', firstFeature)]));
    const former = await readFile(path.join(out, 'results.json'));
    let isFitting = false;
    const real = new FileStore(path.join(folder, 'store'));
    const store: Store = {
      ...membersOf(real),
      read: (key) => {
        isFitting ||= key.startsWith('learnt');
        return isFitting && key.endsWith('.npy') ? Promise.reject(new Error('no disk')) : real.read(key);
      },
    };
    const experiment = experimentOf([detector(name, maxLogit, [part(hook)])], new Map([[tokens.store, () => store]]));
    await expect(run(experiment)).rejects.toMatchObject({
      code: 'OOD_STORE_FAILED',
      message: expect.stringContaining('no disk'),
    });
    expect(await readFile(path.join(out, 'results.json'))).toEqual(former);
  });

  it('for the report leaves the results, which are written before', async () => {
    const services = storeThatFails({ read: /^thumbnails/ });
    await expect(run(experimentOf([detector('First', firstFeature)], services))).rejects.toMatchObject({
      code: 'OOD_STORE_FAILED',
    });
    expect((await readdir(out)).sort()).toEqual(['fitted', 'results.json', 'scores.csv']);
  });
});

describe('a part that fails by itself', () => {
  it('is a row of its own, also with an error of the system', async () => {
    const { results } = await run(experimentOf([detector('A', maxLogit, [part(failing)]), detector('Max', maxLogit)]));
    expect(results.failed).toEqual([
      { detector: 'A', code: 'OOD_DETECTOR_FAILED', message: expect.stringContaining('my own file') },
    ]);
    expect(Object.keys(results.thresholds)).toEqual(['Max']);
  });
});
