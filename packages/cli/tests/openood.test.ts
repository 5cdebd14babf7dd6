import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeError, type FaroutErrors, type RunResults } from '@farout/core';
import type { ImageSetName } from '@farout/demo';
import { loadExperiment } from '@farout/runner';
import { builtIns } from '../src/built-ins.ts';
import { run } from '../src/run.ts';
import { Replica, smallNetwork } from './replica.ts';

const config = 'configs/openood-imagenet.yaml';
const groups = { near: ['ssb-hard', 'ninco'], far: ['inaturalist', 'textures', 'openimage-o'] };
const classes = 12;
const perClass = 8;

/** Image i of a set, as OpenOOD's lists name them below `images_largescale` or, Textures alone, `images_classic`. */
const named: Record<string, (i: number) => string> = {
  test_imagenet: (i) => `imagenet_1k/val/ILSVRC2012_val_${String(50_000 - i).padStart(8, '0')}.JPEG`,
  val_imagenet: (i) => `imagenet_1k/val/ILSVRC2012_val_${String(i + 1).padStart(8, '0')}.JPEG`,
  train_imagenet: (i) => `imagenet_1k/train/n0144${1000 + (i % classes)}/n0144${1000 + (i % classes)}_${i}.JPEG`,
  test_ssb_hard: (i) => `ssb_hard/n0047068${i % 3}/n0047068${i % 3}_${1063 - i}.JPEG`,
  test_ninco: (i) => `ninco/amphiuma_means/amphiuma_means_00${i}_10045958.jpeg`,
  test_inaturalist: (i) => `inaturalist/images/${createHash('md5').update(`${i}`).digest('hex')}.jpg`,
  test_textures: (i) => `texture/banded/banded_000${i}.jpg`,
  test_openimage_o: (i) => `openimage_o/images/${createHash('md5').update(`o${i}`).digest('hex').slice(16)}.jpg`,
};

/** What the replica shows for each list, and how many of them. */
const shown: Record<string, readonly [set: ImageSetName, seed: number, count: number]> = {
  test_imagenet: ['objects', 3, 36],
  val_imagenet: ['objects', 2, 60],
  train_imagenet: ['objects', 4, classes * perClass],
  test_ssb_hard: ['unseen-shapes', 3, 9],
  test_ninco: ['hybrid-shapes', 3, 8],
  test_inaturalist: ['shifted-shapes', 3, 7],
  test_textures: ['textures', 3, 6],
  test_openimage_o: ['noise', 3, 5],
};

const readme = readFileSync(new URL('../../../datasets/README.md', import.meta.url), 'utf8');
const replica = new Replica();
const load = (set: readonly string[] = [], env = {}) =>
  loadExperiment({ file: config, set, cwd: replica.folder, env, builtIns });
const folderOf = (list: string) => (list === 'test_textures' ? 'images_classic' : 'images_largescale');

/** Writes a list as OpenOOD has it, a path and a class or −1 on each line, and the images that it names. */
function download(list: string): void {
  const [set, seed, count] = shown[list]!;
  const names = Array.from({ length: count }, (_, i) => named[list]!(i));
  const label = (i: number) => (set === 'objects' ? i % classes : -1);
  replica.write(
    `datasets/openood/benchmark_imglist/imagenet/${list}.txt`,
    names.map((name, i) => `${name} ${label(i)}\n`).join(''),
  );
  names.forEach((name, i) => replica.paint(`datasets/openood/${folderOf(list)}/${name}`, set, seed, i));
}

afterAll(() => replica.remove());

describe("OpenOOD's benchmark for ImageNet-1K", () => {
  it('lacks nothing but weights, lists and images in a fresh clone, and says where they are to be had', async () => {
    const error: unknown = await load().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const { errors } = error as FaroutErrors;
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['OOD_MISSING_WEIGHTS', 'OOD_MISSING_FILE']));
    const texts = errors.filter(({ code }) => code === 'OOD_MISSING_FILE').map(describeError);
    for (const list of Object.keys(named)) expect(texts.join('\n')).toContain(`benchmark_imglist/imagenet/${list}.txt`);
    for (const text of texts) expect(text).toContain('see datasets/README.md');
  });

  describe('on a miniature replica', () => {
    let results: RunResults;
    let scores: string[][];

    beforeAll(async () => {
      Object.keys(named).forEach(download);
      replica.write('models/resnet50-0676ba61.pth');
      const set = [
        ...smallNetwork,
        // The network has 96 channels, and 96 training images; the true one 2,048 and 1.3 million.
        'detectors.VIM.vim.dimension=32',
      ];
      ({ results } = await run(config, { set, cwd: replica.folder, env: {}, out: 'out', report: false }));
      scores = replica
        .read('out/scores.csv')
        .trim()
        .split('\r\n')
        .map((line) => line.split(','));
    });

    it('finds every image where the lists say, with its class, in the order of the lists', () => {
      const [, ...rows] = scores;
      const expected = [
        ['imagenet-test', 'test_imagenet'],
        ['ssb-hard', 'test_ssb_hard'],
        ['ninco', 'test_ninco'],
        ['inaturalist', 'test_inaturalist'],
        ['textures', 'test_textures'],
        ['openimage-o', 'test_openimage_o'],
      ].flatMap(([dataset, list]) => {
        const [set, , count] = shown[list!]!;
        return Array.from({ length: count }, (_, i) => [
          dataset,
          named[list!]!(i),
          set === 'objects' ? String(i % classes) : '',
        ]);
      });
      expect(rows.map((row) => row.slice(0, 3))).toEqual(expected);
      expect(results.datasets['imagenet-train']).toMatchObject({ roles: ['fit'], images: classes * perClass });
      expect(results.datasets['imagenet-validation']).toMatchObject({ roles: ['fit'], images: 60 });
    });

    it('is found elsewhere by OPENOOD_DATA', async () => {
      const { datasets } = await load([], { OPENOOD_DATA: replica.path('datasets/openood') });
      expect(datasets.get('textures')!.params).toEqual({
        list: replica.path('datasets/openood/benchmark_imglist/imagenet/test_textures.txt'),
        root: replica.path('datasets/openood/images_classic'),
      });
      await expect(load([], { OPENOOD_DATA: replica.path('elsewhere') })).rejects.toThrow('elsewhere');
    });

    it.each([
      [['fit=imagenet-train-50'], ['imagenet-train-50', 'imagenet-validation']],
      [['fit=imagenet-validation', 'detectors.Gram.gram.fit=imagenet-validation'], ['imagenet-validation']],
    ])('reads fewer training images, or none, with %j', async (set, fitSets) => {
      const { datasets, id, ood } = await load(set);
      expect([...datasets.keys()].sort()).toEqual([...id, ...ood, ...fitSets].sort());
      for (const override of set) expect(readme).toContain(`--set ${override}`);
    });

    it('measures every detector, and has the leaderboard’s averages of near and far beside them', async () => {
      const { published, detectors } = await load();
      expect(results.failed).toEqual([]);
      expect(results.groups).toEqual(groups);
      expect(Object.keys(published)).toEqual(detectors.map(({ name }) => name));
      expect(published).toMatchObject({
        MSP: { near: { auroc: 0.7602 }, far: { auroc: 0.8523 } },
        ReAct: { near: { auroc: 0.7738 }, far: { auroc: 0.9367 } },
        RankFeat: { near: { auroc: 0.5099 }, far: { auroc: 0.5393 } },
      });
      const [head, ...rows] = scores;
      for (const { name } of detectors) {
        const column = head!.indexOf(name);
        const of = (set: string) => rows.filter(([dataset]) => dataset === set).map((row) => Number(row[column]));
        const auroc = (set: string) => {
          let pairs = 0;
          const [inside, outside] = [of('imagenet-test'), of(set)];
          for (const one of inside) for (const other of outside) pairs += one > other ? 1 : one === other ? 0.5 : 0;
          return pairs / inside.length / outside.length;
        };
        for (const [group, sets] of Object.entries(groups)) {
          const found = results.results.find(
            (cell) => cell.detector === name && cell.metric === 'auroc' && cell.ood === group,
          )!;
          let sum = 0;
          for (const set of sets) sum += auroc(set);
          expect({ name, group, value: found.value }).toEqual({
            ...{ name, group },
            value: expect.closeTo(sum / sets.length, 10) as unknown as number,
          });
          expect(found.published).toBe(published[name]![group]!.auroc);
        }
      }
    });
  });
});
