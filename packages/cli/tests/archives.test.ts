import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { demoWeights, renderImage } from '@farout/demo';
import { encodePng } from '@farout/images';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-archives-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const side = 64;
const count = 12;
const kinds = ['loose', 'tarred', 'zipped', 'packed', 'sharded'] as const;

interface Entry {
  readonly name: string;
  readonly content: Buffer;
}

function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content } of entries) tar.entry({ name }, content);
  tar.finalize();
  return buffer(tar);
}

function zipOf(entries: readonly Entry[], options: { readonly compress: boolean }): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, content } of entries) zip.addBuffer(content, name, options);
  zip.end();
  return buffer(zip.outputStream);
}

/** The same images in a folder and in archives, and the bytes of one as CIFAR-10 has them beside. */
beforeAll(async () => {
  const images = Array.from({ length: count }, (_, index) => ({
    name: `${index % 3}/${index}.png`,
    content: Buffer.from(encodePng({ width: side, height: side, data: renderImage('textures', 3, index) })),
  }));
  const at = (name: string) => path.join(folder, name);
  for (const name of ['loose/0', 'loose/1', 'loose/2', 'shards']) mkdirSync(at(name), { recursive: true });
  for (const { name, content } of images) writeFileSync(at(`loose/${name}`), content);
  writeFileSync(at('images.tar'), await tarOf(images));
  writeFileSync(at('images.zip'), await zipOf(images, { compress: false }));
  writeFileSync(at('packed.zip'), await zipOf(images, { compress: true }));
  for (const shard of [0, 1])
    writeFileSync(at(`shards/${shard}.tar`), await tarOf(images.filter((_, index) => index % 2 === shard)));
  const weights = JSON.stringify(demoWeights);
  writeFileSync(
    at('experiment.yaml'),
    `name: archives
store: store
device: cpu
backbone: { demo-resnet: { weights: ${weights} } }
datasets:
  objects: { demo-images: { set: objects, count: 24, seed: 3 } }
  loose: { image-folder: { root: loose } }
  tarred: { tar: { file: images.tar } }
  zipped: { zip: { file: images.zip } }
  packed: { zip: { file: packed.zip } }
  sharded: { webdataset: { folder: shards } }
id: objects
ood: [${kinds.join(', ')}]
detectors: { Energy: energy }
metrics: [auroc]
`,
  );
});

async function run(out: string, set: readonly string[] = []): Promise<RunResults> {
  const words = ['run', 'experiment.yaml', '--no-report', '--out', out, ...set.flatMap((each) => ['--set', each])];
  const { code, stderr } = await runCli(words, { cwd: folder });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(readFileSync(path.join(folder, out, 'results.json'), 'utf8')) as RunResults;
}

describe('images in archives', () => {
  it('score as the loose files do, and a second run reads none', async () => {
    const first = await run('first');
    const valueOf = (set: string) => first.results.find(({ ood }) => ood === set)!.value;
    expect(valueOf('loose')).toBeGreaterThan(0);
    expect(kinds.map(valueOf)).toEqual(kinds.map(() => valueOf('loose')));
    expect(first.datasets.tarred).toMatchObject({ images: count });
    expect((await run('second')).imagesRead).toBe(0);
  });

  it('may be the ID set, with classes by a list; another number of them than the network has is refused', async () => {
    const [twelve, three] = [12, 3].map((classes) =>
      JSON.stringify(Array.from({ length: classes }, (_, each) => String(each))),
    );
    const set = (classes: string) => ['id=tarred', 'ood=[objects]', `datasets.tarred.tar.classes=${classes}`];
    const { accuracy } = await run('classes', set(twelve!));
    expect(accuracy).toBeGreaterThanOrEqual(0);
    const words = ['check', 'experiment.yaml', ...set(three!).flatMap((each) => ['--set', each])];
    const { code, stderr } = await runCli(words, { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('the dataset "tarred" names 3 classes, but the network has 12');
  });
});
