import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { loadExperiment } from '@farout/runner';
import { builtIns } from '../src/built-ins.ts';
import { run } from '../src/run.ts';
import { numbers, randomResnet18 } from './random-resnet18.ts';
import { Replica } from './replica.ts';
import { runCli } from './run-cli.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const ood = ['svhn', 'lsun-crop', 'lsun-resize', 'isun', 'textures', 'places365'];
const ten = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

const clone = new Replica();
beforeAll(() => {
  mkdirSync(clone.path('datasets'));
  for (const name of readdirSync(path.join(root, 'datasets')).filter((each) => each.endsWith('.yaml')))
    copyFileSync(path.join(root, 'datasets', name), clone.path(`datasets/${name}`));
});
afterAll(() => clone.remove());

describe.each([
  ['10', 0.01],
  ['100', 0.04],
])("the paper's code with CIFAR-%s", (classes, magnitude) => {
  const config = `configs/cifar${classes}-resnet18.yaml`;
  const weights = `models/checkpoints/CIFAR-${classes}/resnet18/checkpoint_100.pth.tar`;

  it('lacks nothing but images that pull knows, and weights that nobody publishes', async () => {
    const { code, stdout, stderr } = await runCli(['pull', config, '--dry-run'], { cwd: clone.folder });
    const named = [...stdout.matchAll(/^([a-z\d-]+): /gm)].map(([, name]) => name);
    expect(named).toEqual([`cifar-${classes}`, ...ood]);
    expect(code).toBe(2);
    expect(stderr).toContain(clone.path(weights));
  });

  it("has the code's network, preprocessing, detectors and sets", async () => {
    const images = [
      'datasets/svhn/test_32x32.mat',
      `datasets/cifar/cifar-10-batches-py/a`,
      'datasets/cifar/cifar-100-python/a',
    ];
    images.push('datasets/odin/lsun-crop/a', 'datasets/odin/lsun-resize/a', 'datasets/odin/isun/a');
    images.push('datasets/ood_data/dtd/images/a', 'datasets/places365/val_256/a', weights);
    const there = new Replica();
    for (const name of readdirSync(clone.path('datasets')))
      there.write(`datasets/${name}`, clone.read(`datasets/${name}`));
    images.forEach((file) => there.write(file));
    const experiment = await loadExperiment({ file: config, set: [], cwd: there.folder, env: {}, builtIns });
    there.remove();
    expect(experiment.backbone.definition.name).toBe('resnet18-cifar');
    expect(experiment.backbone.params).toMatchObject({
      ...{ resize: 32, crop: 32, sides: 'both' },
      ...{ mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
    });
    expect(experiment.ood).toEqual(ood);
    const parametersOf = (name: string) => experiment.detectors.find((each) => each.name === name)!;
    expect(parametersOf('ODIN').scorer.params).toMatchObject({ temperature: 1000, magnitude });
    expect(parametersOf('ReAct').hooks[0]!.params).toMatchObject({ c: 1 });
  });
});

const bytes = (seed: number, length: number) => {
  const draw = numbers(seed);
  return Buffer.from(Uint8Array.from({ length }, () => draw.next().value * 256));
};

/** An element of a MATLAB file of version 5. */
function element(type: number, content: Buffer): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type);
  tag.writeUInt32LE(content.length, 4);
  return Buffer.concat([tag, content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
}

function matrix(name: string, sizes: readonly number[], content: Buffer): Buffer {
  const kind = element(6, Buffer.from(Uint32Array.of(9, 0).buffer));
  const dimensions = element(5, Buffer.from(Int32Array.from(sizes).buffer));
  return element(14, Buffer.concat([kind, dimensions, element(1, Buffer.from(name)), element(2, content)]));
}

const idx = (sizes: readonly number[], content: Buffer) => {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  [0x800 + sizes.length, ...sizes].forEach((each, at) => head.writeUInt32BE(each, 4 * at));
  return gzipSync(Buffer.concat([head, content]));
};

describe('CIFAR-10 in miniature, each set in its own format', () => {
  const images = 24;
  let results: RunResults;

  beforeAll(async () => {
    const records = Array.from({ length: images }, (_, i) => Buffer.concat([Buffer.from([i % 10]), bytes(i, 3072)]));
    clone.write('datasets/cifar/cifar-10-batches-py/test_batch.bin', Buffer.concat(records));
    clone.write('datasets/cifar/cifar-10-batches-py/batches.meta.txt', `${ten.join('\n')}\n`);
    const header = Buffer.from(`${'MATLAB 5.0 MAT-file'.padEnd(124)}\x00\x01IM`, 'latin1');
    const digits = [
      matrix('X', [32, 32, 3, 5], bytes(1, 5 * 3072)),
      matrix('y', [5, 1], Buffer.from([10, 1, 2, 3, 9])),
    ];
    clone.write('datasets/svhn/test_32x32.mat', Buffer.concat([header, ...digits]));
    clone.write('datasets/mnist/t10k-images-idx3-ubyte.gz', idx([3, 28, 28], bytes(2, 3 * 784)));
    clone.write('datasets/mnist/t10k-labels-idx1-ubyte.gz', idx([3], Buffer.from([7, 2, 1])));
    for (let i = 0; i < 4; i++) {
      clone.paint(`datasets/odin/lsun-crop/LSUN/test/${i}.jpg`, 'hybrid-shapes', 1, i);
      clone.paint(`datasets/odin/lsun-resize/LSUN_resize/LSUN_resize/${i}.jpg`, 'hybrid-shapes', 2, i);
      clone.paint(`datasets/odin/isun/iSUN/iSUN_patches/${i}.jpeg`, 'unseen-shapes', 1, i);
      clone.paint(`datasets/ood_data/dtd/images/banded/banded_000${i}.jpg`, 'textures', 1, i);
      clone.paint(`datasets/places365/val_256/Places365_val_0000000${i}.jpg`, 'noise', 1, i);
    }
    clone.write('weights.safetensors', randomResnet18(10));
    const env = { CIFAR10_WEIGHTS: clone.path('weights.safetensors') };
    const set = ['store=store', `ood=[${ood.join(', ')}, mnist]`];
    ({ results } = await run('configs/cifar10-resnet18.yaml', {
      set,
      cwd: clone.folder,
      env,
      out: 'out',
      report: false,
    }));
  });

  it('measures all detectors on all sets', () => {
    expect(results.failed).toEqual([]);
    const rows = results.results.filter(({ metric, detector }) => metric === 'auroc' && detector === 'ReAct');
    expect(rows.map((row) => row.ood)).toEqual([...ood, 'mnist', 'average']);
    const counts = Object.fromEntries(
      Object.entries(results.datasets).map(([name, { images: count }]) => [name, count]),
    );
    expect(counts).toEqual({
      ...{ 'cifar-10': images, svhn: 5, mnist: 3 },
      ...{ 'lsun-crop': 4, 'lsun-resize': 4, isun: 4, textures: 4, places365: 4 },
    });
  });

  it('has labels, and the names of classes, from the files of the authors', () => {
    const [head, ...rows] = clone.read('out/scores.csv').trim().split('\r\n');
    expect(head).toMatch(/^dataset,image,label,predicted,/);
    const of = (set: string) =>
      rows.filter((row) => row.startsWith(`${set},`)).map((row) => row.split(',').slice(1, 3));
    expect(of('cifar-10').slice(0, 3)).toEqual([0, 1, 2].map((i) => [`test_batch.bin:${i}`, String(i)]));
    expect(of('svhn')).toEqual([0, 1, 2, 3, 9].map((label, i) => [String(i), String(label)]));
    expect(of('mnist')).toEqual([7, 2, 1].map((label, i) => [String(i), String(label)]));
    expect(of('isun')[0]).toEqual(['iSUN/iSUN_patches/0.jpeg', '']);
    expect(results.classes).toEqual(ten);
  });
});
