import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodePng } from '@farout/images';
import { loadExperiment, type Experiment } from '@farout/runner';
import { builtIns } from '../../src/built-ins.ts';
import { runCli } from '../run-cli.ts';
import type { Ended } from '../spawn-cli.ts';
import { files, pathOf } from './fenced-blocks.ts';

/** Folders of images that the documents name. */
const imageFolders = ['photos/known', 'photos/strange', 'images/flowers'];
const dataFolders = [
  ...['imagenet-val', 'textures', 'sun', 'flowers'].map((set) => `data/images/${set}`),
  ...['val', 'train'].map((part) => `datasets/id_data/ILSVRC-2012/${part}`),
  ...['iNaturalist', 'SUN', 'Places', 'dtd/images'].map((set) => `datasets/ood_data/${set}`),
  ...['largescale', 'classic'].map((size) => `datasets/openood/images_${size}`),
  ...['cifar/cifar-10-batches-py', 'odin/lsun-crop', 'odin/lsun-resize', 'odin/isun', 'places365/val_256'].map(
    (set) => `datasets/${set}`,
  ),
];
/** Files that the documents name and that only need to be there. */
const dataFiles = ['models/resnet50-ktb.pth', 'models/mobilenet_v2-coral.pth', 'images/imagenet-val/list.txt'];
const otherFiles = [
  'cache/pulled/@farout/backbones/models/mobilenet_v2-b0353104.pth',
  'photos/my-classifier.onnx',
  'photos/clip-image.onnx',
  'photos/clip-text.npy',
  'models/mobilenet_v2-b0353104.pth',
  'models/resnet50-0676ba61.pth',
  'models/checkpoints/CIFAR-10/resnet18/checkpoint_100.pth.tar',
  'models/openood/cifar10_resnet18_32x32_base_e100_lr0.1_default/s0/best.ckpt',
  'datasets/svhn/test_32x32.mat',
];

/** OpenOOD's lists: of the images in distribution and of those out of it. */
const openoodLists = [
  ...['test', 'val', 'train'].flatMap((part) => [`imagenet/${part}_imagenet`, `cifar10/${part}_cifar10`]),
  ...['ssb_hard', 'ninco', 'inaturalist', 'textures', 'openimage_o'].map((set) => `imagenet/test_${set}`),
  ...['cifar100', 'tin', 'mnist', 'svhn', 'texture', 'places365'].map((set) => `cifar10/test_${set}`),
].map((list) => `datasets/openood/benchmark_imglist/${list}.txt`);

/** What defines datasets for all experiments. */
const manifests = readdirSync(pathOf('datasets')).filter((name) => name.endsWith('.yaml'));

/** Images of a demonstration's dataset: few, so that a test is quick. */
const count = 24;

/** The reader's own, of other sides than the demonstration's images. */
const photograph = {
  width: 97,
  height: 71,
  data: Uint8Array.from({ length: 97 * 71 * 3 }, (_, at) => Math.round(127 + 120 * Math.sin(at / 7 + (at % 3)))),
};

/** What stands in the place of a clone of the repository: the documents' reader has done all that they say. */
export class Workplace {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'farout-documents-'));
  readonly #cacheBefore = process.env.FAROUT_CACHE;

  constructor() {
    process.env.FAROUT_CACHE = this.path('cache');
    for (const name of ['node_modules', 'packages', 'tools']) symlinkSync(pathOf(name), this.path(name), 'junction');
    for (const name of ['configs', 'package.json']) cpSync(pathOf(name), this.path(name), { recursive: true });
    for (const name of manifests) cpSync(pathOf(`datasets/${name}`), this.path(`datasets/${name}`));
    for (const name of imageFolders) for (let shade = 0; shade < 4; shade++) this.#writeImage(name, shade);
    for (const name of dataFolders) mkdirSync(this.path(name), { recursive: true });
    for (const name of [...dataFiles.map((file) => `data/${file}`), ...otherFiles, ...openoodLists])
      this.write(name, '');
    this.write('photo.jpg', encodePng(photograph));
    for (const { file, text } of files) this.write(file, text);
  }

  readonly path = (file: string) => path.join(this.folder, file);

  write(file: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), content);
  }

  #writeImage(folder: string, shade: number): void {
    const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => (shade * 60 + i) % 256);
    this.write(`${folder}/${shade}.png`, encodePng({ width: 8, height: 8, data }));
  }

  load(file: string, set: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Experiment> {
    return loadExperiment({ file, set: [...set, 'store=store'], cwd: this.folder, env, builtIns });
  }

  /** Runs an experiment; demonstration images are few. */
  async run(file: string, set: readonly string[], out: string, ...more: readonly string[]): Promise<Ended> {
    const { datasets } = await this.load(file, set);
    const demos = [...datasets].filter(([, { definition }]) => definition.name === 'demo-images');
    const fewer = demos.map(([name]) => `datasets.${name}.demo-images.count=${count}`);
    const overrides = [...set, ...fewer, 'store=store'].flatMap((each) => ['--set', each]);
    return runCli(['run', file, ...overrides, '--out', out, ...more], { cwd: this.folder });
  }

  remove(): void {
    if (this.#cacheBefore === undefined) delete process.env.FAROUT_CACHE;
    else process.env.FAROUT_CACHE = this.#cacheBefore;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
