import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeError, FaroutErrors, type FaroutError } from '@farout/core';
import { loadExperiment } from '@farout/runner';
import { builtIns } from '../src/built-ins.ts';

const configs = fileURLToPath(new URL('../../../configs', import.meta.url));
const experiments = [
  ['imagenet-resnet50', 'resnet50-0676ba61.pth'],
  ['imagenet-mobilenet-v2', 'mobilenet_v2-b0353104.pth'],
] as const;

/** The layout of datasets/README.md, with an image or two of each set. */
const images = [
  'id_data/ILSVRC-2012/val/n01440764/ILSVRC2012_val_00000293.JPEG',
  'id_data/ILSVRC-2012/val/n01443537/ILSVRC2012_val_00000236.JPEG',
  'ood_data/iNaturalist/images/a.jpg',
  'ood_data/SUN/images/a.jpg',
  'ood_data/Places/images/a.jpg',
  'ood_data/dtd/images/banded/banded_0002.jpg',
].map((name) => `datasets/${name}`);

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'farout-table-one-'));
  cpSync(configs, path.join(clone, 'configs'), { recursive: true });
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

const load = (name: string) => loadExperiment({ file: `configs/${name}.yaml`, set: [], cwd: clone, env: {}, builtIns });

function put(files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(path.join(clone, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(clone, file), '');
  }
}

async function errorsOf(name: string): Promise<readonly FaroutError[]> {
  const error: unknown = await load(name).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FaroutErrors) return error.errors;
  throw new Error('several mistakes were expected', { cause: error });
}

describe.each(experiments)("the paper's Table 1, %s", (name, weights) => {
  it('lacks nothing but weights and images in a fresh clone, and says where they are to be had', async () => {
    const errors = await errorsOf(name);
    expect(errors.map(({ code }) => code)).toEqual([
      'OOD_MISSING_WEIGHTS',
      ...Array<string>(5).fill('OOD_MISSING_FILE'),
    ]);
    const [ofWeights, ...ofFolders] = errors.map(describeError);
    expect(ofWeights).toContain(`https://download.pytorch.org/models/${weights}`);
    const sources = ['image-net.org', 'iNaturalist.tar.gz', 'SUN.tar.gz', 'Places.tar.gz', 'vgg/data/dtd'];
    sources.forEach((source, at) => {
      expect(ofFolders[at]).toContain(source);
      expect(ofFolders[at]).toContain('see datasets/README.md');
    });
  });

  it('finds the images where datasets/README.md puts them, with their classes', async () => {
    put([...images, `models/${weights}`]);
    const { datasets } = await load(name);
    const found = [];
    for (const { definition, params } of datasets.values()) found.push(...(await definition.open(params)).images);
    const files = found.map((image) =>
      'path' in image ? path.relative(clone, image.path).replaceAll(path.sep, '/') : '',
    );
    expect(files).toEqual(images);
    expect(found.map(({ label }) => label)).toEqual([0, 1, undefined, undefined, undefined, undefined]);
  });

  it('has published numbers for every cell, and averages that are those of the four sets', async () => {
    put([...images, `models/${weights}`]);
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
