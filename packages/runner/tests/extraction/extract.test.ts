import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DatasetImage, ImageFile, Progress } from '@farout/core';
import { extract, readingKey } from '../../src/extraction/extract.ts';
import {
  featureGraph,
  featuresOf as featuresTensor,
  featuresWhat,
  hashGraph,
  imageAccess,
  type Reading,
} from '../../src/extraction/graphs.ts';
import type { ListedDataset } from '../../src/extraction/look-up.ts';
import type { RowSet } from '../../src/extraction/row-set.ts';
import { FileStore } from '../../src/store/store.ts';
import { Begun, rowsOf } from '../fixtures/extracted.ts';
import { featuresOf, silent, temporaryFolder, tinyExperiment, writeImages } from '../fixtures/tiny.ts';

const count = 300;
const noFiles = () => Promise.reject(new Error('it reads no files'));

let images: ImageFile[];
let features: Omit<Reading, 'key'>;
let hash: string;
let folder: string;
/** Where all images have been extracted. */
let full: string;

beforeAll(async () => {
  images = (await writeImages(await temporaryFolder(), 0, count)) as ImageFile[];
  const { definition, params } = tinyExperiment({ id: [], ood: [], detectors: [] }, '').backbone;
  const backbone = await definition.open(params, { stateDict: noFiles, onnx: noFiles });
  const access = imageAccess(backbone, params);
  features = { what: featuresWhat, tensor: featuresTensor(access), graph: 'forward' };
  hash = hashGraph(featureGraph(access));
  full = folder = await temporaryFolder();
  expect((await extracted({ images })).read).toBe(count);
});

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** Begins with a store that has all images. */
const storeAll = () => cp(path.join(full, 'store'), path.join(folder, 'store'), { recursive: true });

afterEach(() => {
  for (const name of ['NODE_OPTIONS', 'DEADLY', 'DEADLY_COUNT']) Reflect.deleteProperty(process.env, name);
});

interface Settings {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  readonly onUnreadable?: 'skip' | 'fail';
  /** Hashes of readings that double the features, besides these. */
  readonly doubled?: readonly string[];
  /** What passes before have made; then the features are not asked for. */
  readonly after?: Map<string, RowSet>;
}

async function extracted(dataset: ListedDataset, settings: Settings = {}): Promise<RowSet> {
  const { progress = new Begun(), signal = new AbortController().signal, onUnreadable = 'skip' } = settings;
  const { doubled = [], after } = settings;
  const store = path.join(folder, 'store');
  const experiment = { ...tinyExperiment({ id: [], ood: [], detectors: [] }, store), onUnreadable };
  const services = { store: new FileStore(store), logger: silent, progress, device: 'cpu' as const };
  const pass = { experiment, services, signal };
  const more = { what: 'twice the features', tensor: features.tensor.mul(2), graph: 'forward' } as const;
  const readings = [
    ...(after ? [] : [{ ...features, key: readingKey(pass, hash) }]),
    ...doubled.map((key): Reading => ({ ...more, key })),
  ];
  const sets = after ?? new Map<string, RowSet>();
  await extract(new Map([['set', { dataset, readings }]]), sets, pass);
  return sets.get('set')!;
}

const seedOf = ({ id }: DatasetImage) => Number.parseInt(id);

/** The features are those of the images, whichever way they came there. */
async function expectRight(set: RowSet, expected: readonly DatasetImage[]): Promise<void> {
  const rows = await rowsOf(set);
  expect(set.images).toEqual(expected);
  expect(rows).toHaveLength(expected.length);
  expected.forEach((image, i) => {
    featuresOf(seedOf(image)).forEach((value, d) => expect(rows[i]![d]).toBeCloseTo(value, 5));
  });
}

/** A pass that is told to stop once so many images are done; gives back how many were. */
async function interruptedAfter(least: number, dataset: ListedDataset): Promise<number> {
  const abort = new AbortController();
  let done = 0;
  const progress = new Begun((now) => {
    done = now;
    if (now >= least) abort.abort();
  });
  await expect(extracted(dataset, { progress, signal: abort.signal })).rejects.toThrow();
  return done;
}

/** The key of a reading that doubles the features. */
const twice = 'd'.repeat(64);

const everySecond = (offset: number): ListedDataset => ({
  listing: images,
  images: images.filter((_, i) => i % 2 === offset),
});

describe('extract', () => {
  it('keeps all that is done when it is stopped in the middle of a shard, and goes on from there', async () => {
    for (const least of [40, 264]) {
      const done = await interruptedAfter(least, { images });
      const progress = new Begun();
      const abort = new AbortController();
      const next = extracted({ images }, { progress, signal: abort.signal });
      if (least < 264) abort.abort();
      await next.catch(() => undefined);
      const begunAt = progress.stages[0]?.[2] ?? done;
      expect(begunAt).toBeGreaterThanOrEqual(done);
    }
    const set = await extracted({ images });
    expect(set.read).toBe(0);
    await expectRight(set, images);
  });

  it('gives the same bits however often it was stopped', async () => {
    await storeAll();
    const whole = await rowsOf(await extracted({ images }));
    await rm(path.join(folder, 'store'), { recursive: true });
    for (const least of [8, 100]) await interruptedAfter(least, { images });
    expect(await rowsOf(await extracted({ images }))).toEqual(whole);
  });

  it('reads of a set only what its halves did not read', async () => {
    expect((await extracted(everySecond(0))).read).toBe(count / 2);
    const odd = await extracted(everySecond(1));
    expect(odd.read).toBe(count / 2);
    await expectRight(odd, everySecond(1).images);
    const whole = await extracted({ images });
    expect(whole.read).toBe(0);
    await expectRight(whole, images);
    expect((await extracted({ images: images.slice(0, 270) })).read).toBe(0);
  });

  it.each([
    ['reversed', () => [...images].reverse()],
    ['some of it in another order', () => [250, 3, 299, 4].map((i) => images[i]!)],
  ])('finds by content the images of a list that is %s', async (_, listed) => {
    await storeAll();
    const set = await extracted({ images: listed() });
    expect(set.read).toBe(0);
    await expectRight(set, listed());
  });

  it('finds by content what was copied, and reads only what came in between', async () => {
    await extracted({ images: images.slice(1) });
    const copies: ImageFile[] = [];
    for (const image of images) {
      copies.push({ ...image, path: path.join(folder, `copy-of-${image.id}`) });
      await cp(image.path, copies.at(-1)!.path);
    }
    const set = await extracted({ images: copies });
    expect(set.read).toBe(1);
    await expectRight(set, copies);
  });

  it('reads one of many files that are alike', async () => {
    await extracted({ images: images.slice(0, 1) });
    const alike: ImageFile[] = [];
    for (let i = 0; i < 20; i++) {
      alike.push({ id: `7-${i}`, path: path.join(folder, `alike-${i}.png`) });
      await cp(images[7]!.path, alike[i]!.path);
    }
    const set = await extracted({ images: alike });
    expect(set.read).toBe(1);
    await expectRight(set, alike);
  });

  it('reads again what it used and found damaged or gone, and nothing else', async () => {
    await storeAll();
    const readings = path.join(folder, 'store', 'readings');
    const [reading] = await readdir(readings);
    const blocks = (await readdir(path.join(readings, reading!))).filter((file) => file.endsWith('.npy'));
    expect(blocks).toHaveLength(5);
    const set = await extracted({ images });
    const [one, other] = blocks.map((file) => path.join(readings, reading!, file)) as [string, string];
    const bytes = await readFile(one);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(one, bytes);
    await expectRight(set, images);
    const first = set.read;
    expect([64, 44]).toContain(first);
    await rm(other);
    await expectRight(set, images);
    expect([64, 44]).toContain(set.read - first);
    expect((await extracted({ images })).read).toBe(0);
  });

  it('makes again a block of a later pass that is gone', async () => {
    const dataset = { images: images.slice(0, 5) };
    const set = await extracted(dataset);
    await extracted(dataset, { doubled: [twice], after: new Map([['set', set]]) });
    const readings = path.join(folder, 'store', 'readings', twice);
    const blocks = (await readdir(readings)).filter((file) => file.endsWith('.npy'));
    expect(blocks).toHaveLength(1);
    await rm(path.join(readings, blocks[0]!));
    for await (const { rows, readings: more } of set.rows([twice]))
      expect([...more.get(twice)!.data]).toEqual([...rows.data].map((value) => 2 * value));
    expect(set.read).toBe(15);
  });

  describe('an image that is another one than its version says', () => {
    let seeds: number[];
    const made = (): DatasetImage[] =>
      [0, 1, 2].map((at) => ({ id: `${at}`, version: `${at}`, read: () => readFile(images[seeds[at]!]!.path) }));
    beforeEach(() => {
      seeds = [0, 1, 2];
    });

    it('is left out where rows of the former one are stored, and read whole the next time', async () => {
      await extracted({ images: made() });
      seeds = [0, 9, 2];
      const all = made();
      const set = await extracted({ images: all }, { doubled: [twice] });
      expect(set.unreadable).toEqual([{ image: '1', reason: 'it changed during the run', cause: 'machine' }]);
      await expectRight(set, [all[0]!, all[2]!]);
      expect(set.lack(twice)).toBeUndefined();
      const again = await extracted({ images: all }, { doubled: [twice] });
      expect(again.unreadable).toEqual([]);
      expect((await rowsOf(again))[1]![0]).toBeCloseTo(featuresOf(9)[0]!, 5);
    });

    it('has no reading of a later pass beside the features of the former one', async () => {
      const all = made();
      const set = await extracted({ images: all });
      seeds = [0, 9, 2];
      await extracted({ images: all }, { doubled: [twice], after: new Map([['set', set]]) });
      await expectRight(set, all);
      expect(set.lack(twice)).toContain('"1"');
    });
  });

  it('does not keep that a file could not be read', async () => {
    const late = { id: '5.png', path: path.join(folder, 'late.png') };
    const first = await extracted({ images: [...images.slice(0, 3), late] });
    expect(first.unreadable).toEqual([
      { image: '5.png', reason: 'the file cannot be read (ENOENT)', cause: 'machine' },
    ]);
    await cp(images[5]!.path, late.path);
    const then = await extracted({ images: [...images.slice(0, 3), late] });
    expect([then.unreadable, then.read]).toEqual([[], 1]);
    expect(then.fingerprint).not.toBe(first.fingerprint);
  });
});

describe('extract, where a process is ended over an image', () => {
  const preload = (mode: string) => {
    const file = new URL('../fixtures/crash-on-deadly.mjs', import.meta.url).href;
    process.env.NODE_OPTIONS = `--import ${file}`;
    process.env.DEADLY = mode;
  };

  const withDeadly = async () => {
    const deadly = { id: '7.png', path: path.join(folder, 'deadly.png') };
    await cp(images[7]!.path, deadly.path);
    return images.slice(0, 20).map((image, i) => (i === 7 ? deadly : image));
  };

  it.each(['SIGKILL', 'SIGSEGV', 'SIGBUS'])(
    'leaves it out after %s, says so, and tries it again in the next run',
    async (signal) => {
      const listed = await withDeadly();
      preload(signal);
      const killed = await extracted({ images: listed });
      expect(killed.unreadable).toEqual([
        { image: '7.png', reason: expect.stringContaining(`(${signal})`), cause: 'machine' },
      ]);
      expect(killed.images).toHaveLength(19);
      delete process.env.NODE_OPTIONS;
      const healthy = await extracted({ images: listed });
      expect([healthy.unreadable, healthy.read]).toEqual([[], 1]);
      await expectRight(healthy, listed);
      expect(healthy.fingerprint).not.toBe(killed.fingerprint);
    },
  );

  it('comes through where the image needs the machine for itself', async () => {
    const listed = await withDeadly();
    preload('twice');
    process.env.DEADLY_COUNT = path.join(folder, 'count');
    const set = await extracted({ images: listed });
    expect(set.unreadable).toEqual([]);
    await expectRight(set, listed);
  });
});
