import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeError, FaroutErrors, type FaroutError } from '@farout/core';
import type { ImageSetName } from '@farout/demo';
import { loadExperiment } from '@farout/runner';
import { pack } from 'tar-stream';
import { builtIns } from '../src/built-ins.ts';
import { run } from '../src/run.ts';
import { Replica, smallNetwork } from './replica.ts';

/** The experiments, their weights, and whether they have the last row too, which learns from training images. */
const experiments = [
  ['imagenet-resnet50', 'resnet50-0676ba61.pth', false],
  ['imagenet-mobilenet-v2', 'mobilenet_v2-b0353104.pth', false],
  ['imagenet-resnet50-mahalanobis', 'resnet50-0676ba61.pth', true],
  ['imagenet-mobilenet-v2-mahalanobis', 'mobilenet_v2-b0353104.pth', true],
] as const;

/** The layout of datasets/README.md, with an image or two of each set. */
const tested = [
  'id_data/ILSVRC-2012/val/n01440764/ILSVRC2012_val_00000293.JPEG',
  'id_data/ILSVRC-2012/val/n01443537/ILSVRC2012_val_00000236.JPEG',
  'ood_data/iNaturalist/images/a.jpg',
  'ood_data/SUN/images/a.jpg',
  'ood_data/Places/images/a.jpg',
  'ood_data/dtd/images/banded/banded_0002.jpg',
].map((name) => `datasets/${name}`);
const training = ['n01440764/n01440764_10026.JPEG', 'n01443537/n01443537_10007.JPEG'];
const trainingArchive = 'datasets/id_data/ILSVRC-2012/ILSVRC2012_img_train.tar';

/** Writes the archive of the training images: of a class an archive each. */
async function putTraining(): Promise<void> {
  const tar = pack();
  for (const name of training) {
    const ofClass = pack();
    ofClass.entry({ name: path.basename(name) }, 'image');
    ofClass.finalize();
    tar.entry({ name: `${path.dirname(name)}.tar` }, await buffer(ofClass));
  }
  tar.finalize();
  clone.write(trainingArchive, await buffer(tar));
}

let clone: Replica;
beforeEach(() => {
  clone = new Replica();
});
afterEach(() => clone.remove());

const load = (name: string) =>
  loadExperiment({ file: `configs/${name}.yaml`, set: [], cwd: clone.folder, env: {}, builtIns });
const put = (files: readonly string[]) => files.forEach((file) => clone.write(file));

async function errorsOf(name: string): Promise<readonly FaroutError[]> {
  const error: unknown = await load(name).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FaroutErrors) return error.errors;
  throw new Error('several mistakes were expected', { cause: error });
}

describe.each(experiments)("the paper's Table 1, %s", (name, weights, learns) => {
  const putAll = async () => {
    put([...tested, `models/${weights}`]);
    if (learns) await putTraining();
  };

  it('lacks nothing but weights and images in a fresh clone, and says where they are to be had', async () => {
    const errors = await errorsOf(name);
    expect(errors.map(({ code }) => code)).toEqual([
      'OOD_MISSING_WEIGHTS',
      ...Array<string>(learns ? 6 : 5).fill('OOD_MISSING_FILE'),
    ]);
    const [ofWeights, ...ofFolders] = errors.map(describeError);
    expect(ofWeights).toContain(`https://download.pytorch.org/models/${weights}`);
    const sources = ['ILSVRC2012_img_val', 'iNaturalist.tar.gz', 'SUN.tar.gz', 'Places.tar.gz', 'vgg/data/dtd'];
    if (learns) sources.push('ILSVRC2012_img_train');
    sources.forEach((source, at) => {
      expect(ofFolders[at]).toContain(source);
      expect(ofFolders[at]).toContain('see datasets/README.md');
    });
  });

  it('finds the images where datasets/README.md puts them, with their classes', async () => {
    await putAll();
    const { datasets } = await load(name);
    const found = [];
    for (const { definition, params } of datasets.values()) found.push(...(await definition.open(params)).images);
    const files = found.map((image) =>
      'path' in image ? path.relative(clone.folder, image.path).replaceAll(path.sep, '/') : '',
    );
    expect(files).toEqual([...tested, ...(learns ? training.map(() => trainingArchive) : [])]);
    if (learns) expect(found.slice(tested.length).map(({ id }) => id)).toEqual(training);
    const labels = [0, 1, undefined, undefined, undefined, undefined, ...(learns ? [0, 1] : [])];
    expect(found.map(({ label }) => label)).toEqual(labels);
  });

  it('has published numbers for every cell, and averages that are those of the four sets', async () => {
    await putAll();
    const { published, detectors, ood } = await load(name);
    expect(Object.keys(published)).toEqual(detectors.map((detector) => detector.name));
    for (const row of Object.values(published)) {
      expect(Object.keys(row)).toEqual([...ood, 'average']);
      for (const metric of ['fpr95', 'auroc']) {
        const mean = ood.reduce((sum, set) => sum + row[set]![metric]! / ood.length, 0);
        // The paper prints percents with two decimals.
        expect(Math.abs(mean - row.average![metric]!)).toBeLessThan(0.0001);
      }
    }
  });
});

describe.each(['imagenet-resnet50-mahalanobis', 'imagenet-mobilenet-v2-mahalanobis'])('%s on a replica', (name) => {
  const classes = 12;
  const folderOf = (index: number) => `n014${40_764 + (index % classes)}`;

  /** Images of twelve classes, and of the four sets. */
  function paint(): void {
    const sets: [folder: string, set: ImageSetName, seed: number, count: number][] = [
      ['id_data/ILSVRC-2012/val', 'objects', 3, 36],
      ['id_data/ILSVRC-2012/train', 'objects', 2, 96],
      ['ood_data/iNaturalist', 'unseen-shapes', 3, 6],
      ['ood_data/SUN', 'hybrid-shapes', 3, 6],
      ['ood_data/Places', 'noise', 3, 6],
      ['ood_data/dtd/images', 'textures', 3, 6],
    ];
    for (const [folder, set, seed, count] of sets) {
      for (let index = 0; index < count; index++)
        clone.paint(`datasets/${folder}/${folderOf(index)}/${seed}_${index}.JPEG`, set, seed, index);
    }
  }

  it('measures the whole table, and learns from so many images of each class, drawn by their names', async () => {
    paint();
    put(['models/resnet50-0676ba61.pth', 'models/mobilenet_v2-b0353104.pth']);
    // The small network has other classes than ImageNet's.
    const names = JSON.stringify(Array.from({ length: classes }, (_, kind) => folderOf(kind)));
    const train = `{ root: datasets/id_data/ILSVRC-2012/train, classes: ${names}, split: { perClass: 50 } }`;
    const folders = [
      `datasets.imagenet-val.image-folder.classes=${names}`,
      `datasets.imagenet-train={ image-folder: ${train} }`,
    ];
    const set = [...smallNetwork, 'metrics=[fpr95, auroc]', ...folders];
    const request = { cwd: clone.folder, env: {}, report: false };
    const perClass = 'datasets.imagenet-train.image-folder.split.perClass';
    const few = await run(`configs/${name}.yaml`, { ...request, set: [...set, `${perClass}=3`], out: 'few' });
    expect(few.results.failed).toEqual([]);
    expect(few.results.results.every(({ published }) => published !== undefined)).toBe(true);
    expect([...new Set(few.results.results.map(({ detector }) => detector))]).toEqual([
      'MSP',
      'ODIN',
      'Energy',
      'ReAct',
      'Mahalanobis',
    ]);
    expect(few.results.datasets['imagenet-train']).toMatchObject({ roles: ['fit'], images: 3 * classes });

    // All others taken away, the 50 of the file take the same three.
    const numberOf = (image: string) => createHash('sha256').update(`0\n${image}`).digest('hex');
    for (let kind = 0; kind < classes; kind++) {
      const names = Array.from({ length: 8 }, (_, i) => `${folderOf(kind)}/2_${kind + i * classes}.JPEG`);
      for (const image of names.sort((a, b) => (numberOf(a) < numberOf(b) ? -1 : 1)).slice(3))
        rmSync(clone.path(`datasets/id_data/ILSVRC-2012/train/${image}`));
    }
    const again = await run(`configs/${name}.yaml`, { ...request, set, out: 'again' });
    expect(again.results.results).toEqual(few.results.results);
    const whole = again.results.datasets['imagenet-train'];
    expect(whole).toEqual(few.results.datasets['imagenet-train']);
  });
});
