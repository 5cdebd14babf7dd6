import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { describeError, type FaroutErrors } from '@farout/core';
import type { ImageSetName } from '@farout/demo';
import { loadExperiment } from '@farout/runner';
import { builtIns } from '../src/built-ins.ts';
import { run } from '../src/run.ts';
import { randomResnet18 } from './random-resnet18.ts';
import { Replica, smallNetwork } from './replica.ts';
import { runCli } from './run-cli.ts';
import { setting } from './small-demo.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What OpenOOD's lists name, as github.com/Jingkang50/OpenOOD, openood/evaluation_api/datasets.py has them: near and far, by folder. */
const benchmarks = {
  cifar10: {
    folder: 'images_classic',
    near: ['cifar100', 'tin'],
    far: ['mnist', 'svhn', 'texture', 'places365'],
    classes: 10,
    weights: 'cifar10_resnet18_32x32_base_e100_lr0.1_default/s0/best.ckpt',
    // Sets by the manifests that give them.
    manifests: ['cifar10', 'cifar100', 'mnist', 'places365', 'svhn', 'textures', 'tin'],
    images: { sides: 'shorter', resize: 32, crop: 32, mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
    published: {
      MSP: [0.8803, 0.9073],
      ReAct: [0.8711, 0.9042],
      KNN: [0.9064, 0.9296],
      'WeiPer+KLD': [0.9054, 0.9312],
    },
  },
  cifar100: {
    folder: 'images_classic',
    near: ['cifar10', 'tin'],
    far: ['mnist', 'svhn', 'texture', 'places365'],
    classes: 100,
    weights: 'cifar100_resnet18_32x32_base_e100_lr0.1_default/s0/best.ckpt',
    manifests: ['cifar10', 'cifar100', 'mnist', 'places365', 'svhn', 'textures', 'tin'],
    images: { sides: 'shorter', resize: 32, crop: 32, mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761] },
    published: { MSP: [0.8027, 0.7776], ReAct: [0.8077, 0.8039], GEN: [0.8131, 0.7968], Relation: [0.8067, 0.8082] },
  },
  imagenet200: {
    folder: 'images_largescale',
    near: ['ssb_hard', 'ninco'],
    far: ['inaturalist', 'textures', 'openimage_o'],
    classes: 200,
    weights: 'imagenet200_resnet18_224x224_base_e90_lr0.1_default/s0/best.ckpt',
    manifests: ['imagenet', 'inaturalist', 'ninco', 'openimage-o', 'ssb-hard', 'textures'],
    images: { sides: 'shorter', resize: 256, crop: 224, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    published: { MSP: [0.8334, 0.9013], ReAct: [0.8187, 0.9231], SCALE: [0.8484, 0.9398], RankFeat: [0.5692, 0.3822] },
  },
} as const;
type Benchmark = keyof typeof benchmarks;

const replicas: Replica[] = [];
afterAll(() => replicas.forEach((replica) => replica.remove()));

/** A fresh clone with the manifests. */
function clone(): Replica {
  const replica = new Replica();
  replicas.push(replica);
  for (const folder of ['datasets', 'models']) {
    mkdirSync(replica.path(folder));
    for (const name of readdirSync(path.join(root, folder)).filter((each) => each.endsWith('.yaml')))
      copyFileSync(path.join(root, folder, name), replica.path(`${folder}/${name}`));
  }
  return replica;
}

const folderOf = (benchmark: Benchmark, list: string) =>
  list.includes('texture') ? 'images_classic' : benchmarks[benchmark].folder;

/** A list with a class or −1 on each line, and the images that it names. */
function download(
  replica: Replica,
  benchmark: Benchmark,
  list: string,
  [set, seed, count]: readonly [ImageSetName, number, number],
  classes = 12,
): string[] {
  const names = Array.from({ length: count }, (_, i) => `${list.replace(/^[a-z]+_/, '')}/${list}/${i}.png`);
  const label = (i: number) => (set === 'objects' ? i % classes : -1);
  const text = names.map((name, i) => `${name} ${label(i)}\n`).join('');
  replica.write(`datasets/openood/benchmark_imglist/${benchmark}/${list}.txt`, text);
  const folder = folderOf(benchmark, list);
  names.forEach((name, i) => replica.paint(`datasets/openood/${folder}/${name}`, set, seed, i));
  return names;
}

function downloadOneOfEach(replica: Replica, benchmark: Benchmark): void {
  const parts = ['test', 'val', 'train'].map((part) => `${part}_${benchmark}`);
  const { near, far } = benchmarks[benchmark];
  for (const list of [...parts, ...[...near, ...far].map((name) => `test_${name}`)])
    download(replica, benchmark, list, ['objects', 1, 1]);
}

describe.each(Object.keys(benchmarks) as Benchmark[])("OpenOOD's benchmark %s", (benchmark) => {
  const { near, far, weights, classes, manifests, images, published, folder } = benchmarks[benchmark];
  const config = `configs/openood-${benchmark}.yaml`;
  const kebab = (name: string) => name.replaceAll('_', '-').replace(/^texture$/, 'textures');
  const id = benchmark === 'imagenet200' ? 'imagenet' : benchmark;

  it('lacks nothing but weights, lists and images in a fresh clone, all of which pull knows', async () => {
    const replica = clone();
    const { code, stdout } = await runCli(['pull', config, '--dry-run'], { cwd: replica.folder });
    expect(code).toBe(0);
    const named = [...stdout.matchAll(/^([a-z\d-]+): /gm)].map(([, name]) => name);
    const sets = [...manifests, 'lists', `${benchmark}-resnet18`].map((name) => `openood-${name}`);
    expect(named.sort()).toEqual(sets.sort());
    expect(stdout).toContain(path.join('models', 'openood', path.dirname(path.dirname(weights))));
  });

  it('has the sets, groups, preprocessing and published numbers of the leaderboard', async () => {
    const replica = clone();
    downloadOneOfEach(replica, benchmark);
    replica.write(`models/openood/${weights}`);
    const request = { file: config, set: [], cwd: replica.folder, env: {}, builtIns };
    const {
      datasets,
      backbone,
      groups,
      detectors,
      published: given,
    } = await loadExperiment(request).catch((error: unknown) => {
      throw new Error((error as FaroutErrors).errors.map(describeError).join('\n'), { cause: error });
    });
    expect(groups).toEqual({ near: near.map(kebab), far: far.map(kebab) });
    expect(backbone.params).toMatchObject(images);
    const listOf = (name: string) => (datasets.get(name)!.params as { list: string }).list;
    expect(path.basename(listOf(id))).toBe(`test_${benchmark}.txt`);
    for (const name of [...near, ...far]) {
      const { list, root: below } = datasets.get(kebab(name))!.params as { list: string; root: string };
      expect(list).toBe(replica.path(`datasets/openood/benchmark_imglist/${benchmark}/test_${name}.txt`));
      expect(below).toBe(replica.path(`datasets/openood/${folderOf(benchmark, name)}`));
    }
    expect(folder).toBe(folderOf(benchmark, 'train'));
    expect(Object.keys(given).sort()).toEqual(detectors.map(({ name }) => name).sort());
    for (const [name, averages] of Object.entries<readonly [near: number, far: number]>(published))
      expect(given[name]).toEqual({ near: { auroc: averages[0] }, far: { auroc: averages[1] } });
  });

  // That of CIFAR-100 is CIFAR-10's with more classes.
  const itOnce = benchmark === 'cifar100' ? it.skip : it;
  itOnce('has detectors that fit its network', async () => {
    const replica = clone();
    downloadOneOfEach(replica, benchmark);
    const bytes = randomResnet18(classes, benchmark === 'imagenet200' ? 7 : 3);
    replica.write(`models/openood/${weights}`, bytes);
    const checked = await runCli(['check', config, ...setting(['store=store'])], { cwd: replica.folder });
    expect(checked).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${classes} classes, 512 features`) as unknown,
    });
  });
});

describe("OpenOOD's CIFAR-10 on a miniature replica", () => {
  const replica = clone();
  const sets: Record<string, readonly [ImageSetName, number, number]> = {
    test_cifar10: ['objects', 3, 36],
    val_cifar10: ['objects', 2, 60],
    train_cifar10: ['objects', 4, 96],
    test_cifar100: ['unseen-shapes', 3, 8],
    test_tin: ['hybrid-shapes', 3, 8],
    test_mnist: ['noise', 3, 6],
    test_svhn: ['noise', 4, 6],
    test_texture: ['textures', 3, 6],
    test_places365: ['textures', 4, 6],
  };

  it('measures every detector, with the leaderboard’s averages of near and far beside them', async () => {
    for (const [list, what] of Object.entries(sets)) download(replica, 'cifar10', list, what);
    // The network has 96 channels, and 96 training images; the true one 512 and 50,000.
    const set = [...smallNetwork, 'detectors.VIM.vim.dimension=32'];
    const request = { set, cwd: replica.folder, env: {}, out: 'out', report: false };
    const { results } = await run('configs/openood-cifar10.yaml', request);
    expect(results.failed).toEqual([]);
    expect(results.results.find((cell) => cell.detector === 'ReAct' && cell.ood === 'near')).toMatchObject({
      metric: 'auroc',
      published: 0.8711,
    });
    expect(results.datasets.train).toMatchObject({ roles: ['fit'], images: 96 });
  });

  it('says by which command a set comes that is not there, though its folder has others', async () => {
    const experiment = 'configs/openood-cifar10.yaml';
    const list = 'datasets/openood/benchmark_imglist/cifar10/test_tin.txt';
    const text = replica.read(list);
    const overrides = setting([...smallNetwork]);
    const said = async (command: string, ...words: string[]) => {
      const { code, stdout, stderr } = await runCli([command, experiment, ...words, ...overrides], {
        cwd: replica.folder,
      });
      return { code, text: `${stdout}${stderr}` };
    };
    replica.write(list, text.replaceAll(/^tin/gm, 'cifar10c'));
    expect((await said('check')).text).toMatch(/not on this machine:\n {2}openood-cifar10c .*\[OOD_NOT_PULLED\]/s);
    expect((await said('pull', '--dry-run')).text).toMatch(/^openood-cifar10c: .*\n {2}to be downloaded: /);
    // What nothing gives is said as it is.
    replica.write(list, text.replaceAll(/^tin/gm, 'nowhere'));
    for (const each of [await said('check'), await said('pull', '--dry-run')])
      expect(each).toMatchObject({
        code: 2,
        text: expect.stringContaining('"nowhere/test_tin/0.png" is not a file') as unknown,
      });
    replica.write(list, text);
    expect((await said('check')).code).toBe(0);
  });
});
