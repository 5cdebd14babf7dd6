import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Source } from '@farout/acquire';
import type { RunResults } from '@farout/core';
import type { ImageSetName } from '@farout/demo';
import { pack } from 'tar-stream';
import { parse } from 'yaml';
import { coloursPlugin, coloursWeights } from './colours.ts';
import { picture, Replica } from './replica.ts';
import { runCli } from './run-cli.ts';
import { setting } from './small-demo.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What each archive of the paper's sets holds, in its layout, and which images of the demonstration take their place. */
const archives: Readonly<Record<string, readonly [ImageSetName, ...string[]]>> = {
  'iNaturalist.tar.gz': ['noise', 'iNaturalist/images/a.jpg', 'iNaturalist/images/b.jpg'],
  'SUN.tar.gz': ['textures', 'SUN/images/a.jpg', 'SUN/images/b.jpg'],
  'Places.tar.gz': ['hybrid-shapes', 'Places/images/a.jpg', 'Places/images/b.jpg'],
  'dtd-r1.0.1.tar.gz': ['unseen-shapes', 'dtd/images/banded/banded_0002.jpg', 'dtd/images/dotted/dotted_0001.jpg'],
  'ILSVRC2012_img_val.tar': ['objects', 'ILSVRC2012_val_00000001.JPEG', 'ILSVRC2012_val_00000002.JPEG'],
};

const clone = new Replica();
const served = clone.path('server');
let server: http.Server;

/** The WordNet ids of ImageNet-1k, as the package of the datasets keeps them: by their distances, in base 36. */
function synsets(): string[] {
  const source = readFileSync(path.join(root, 'packages/datasets/src/imagenet-1k.ts'), 'utf8');
  let id = 0;
  const ids = /distances = `([^`]*)`/.exec(source)![1]!.trim().split(/\s+/);
  return ids.map((distance) => `n${String((id += parseInt(distance, 36))).padStart(8, '0')}`);
}

/** ILSVRC2012_img_train.tar: for each of the 1,000 classes an archive, here of two images. */
async function trainingArchive(): Promise<Buffer> {
  const pictures = Array.from({ length: 15 }, (_, index) => picture('objects', 7, index));
  const tar = pack();
  for (const [index, synset] of synsets().entries()) {
    const ofClass = pack();
    for (const number of [18, 36])
      ofClass.entry({ name: `${synset}_${number}.JPEG` }, pictures[(index + number) % pictures.length]!);
    ofClass.finalize();
    tar.entry({ name: `${synset}.tar` }, await buffer(ofClass));
  }
  tar.finalize();
  return buffer(tar);
}

async function makeArchives(): Promise<void> {
  mkdirSync(served);
  Object.entries(archives).forEach(([archive, [set, ...names]], seed) => {
    names.forEach((name, index) => clone.paint(path.join('made', archive, name), set, seed, index));
    const folder = clone.path(`made/${archive}`);
    // What is no image lies in DTD's archive too.
    if (archive.startsWith('dtd')) {
      clone.write(`made/${archive}/dtd/labels/test1.txt`, 'banded/banded_0002.jpg\n');
      clone.write(`made/${archive}/dtd/imdb/imdb.mat`, 'MATLAB 5.0 MAT-file');
    }
    const how = archive.endsWith('.gz') ? '-czf' : '-cf';
    const words = [how, path.join(served, archive), ...readdirSync(folder).sort()];
    expect(spawnSync('tar', words, { cwd: folder }).status).toBe(0);
  });
  writeFileSync(path.join(served, 'ILSVRC2012_img_train.tar'), await trainingArchive());
  writeFileSync(path.join(served, 'colours.safetensors'), coloursWeights(1000));
}

beforeAll(async () => {
  await makeArchives();
  server = http.createServer(({ url = '' }, response) => {
    const file = path.join(served, url);
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const name of readdirSync(path.join(root, 'datasets')).filter((each) => each.endsWith('.yaml')))
    writeMiniature(`datasets/${name}`, origin);
  const network = sourceOf('packages/backbones/models/resnet50.yaml');
  const files = [{ path: 'colours.safetensors', addresses: [`${origin}/colours.safetensors`] }];
  clone.write('network/models/colours.yaml', JSON.stringify({ source: { ...network, files } }));
  clone.write('network/colours.mjs', coloursPlugin);
});

afterAll(() => {
  server.close();
  clone.remove();
});

interface Written {
  readonly source: Source;
}

const written = (file: string) => parse(readFileSync(path.join(root, file), 'utf8')) as Written;
const sourceOf = (file: string) => written(file).source;

/** A manifest of the repository, with the tests' own server and counts. */
function writeMiniature(file: string, origin: string): void {
  const { source, ...dataset } = written(file);
  const files = source.files.map(({ path: place, unpack }) => ({
    path: place,
    addresses: source.accept ? [] : [`${origin}/${path.basename(place)}`],
    ...(unpack && { unpack: { ...unpack, images: 2 } }),
  }));
  clone.write(file, JSON.stringify({ ...dataset, source: { ...source, images: 2 * files.length, files } }));
}

/** The network in the place of ResNet-50, whose weights are published as those are. */
const overrides = setting(['store=store', 'backbone=colours', 'plugins=[./network/colours.mjs]']);
const farout = (...words: string[]) =>
  runCli([...words, ...overrides], { cwd: clone.folder, env: { FAROUT_CACHE: clone.path('cache') } });
const experiment = 'configs/imagenet-resnet50.yaml';
const withTraining = 'configs/imagenet-resnet50-mahalanobis.yaml';
const imagenet = 'datasets/id_data/ILSVRC-2012';
const placeByHand = (archive: string) =>
  clone.write(`${imagenet}/${archive}`, readFileSync(path.join(served, archive)));

describe('from nothing to the table of the paper, in miniature', () => {
  it('says on one screen what is missing, what gets it, and what is to be placed by hand', async () => {
    const { code, stdout, stderr } = await farout('run', experiment);
    expect([code, stdout]).toEqual([2, '']);
    const unknown = 'size not published';
    const folder = clone.path(imagenet);
    const lines = stderr.split('\n');
    expect(lines).toEqual([
      'configs/imagenet-resnet50.yaml needs 6 items that are not on this machine:',
      `  colours       ${unknown}           BSD-3-Clause (torchvision)`,
      `  imagenet-val  ${unknown}, by hand  ImageNet's terms of access, for non-commercial researc…`,
      ...['inaturalist ', 'sun         ', 'places      '].map(
        (name) => `  ${name}  ${unknown}           none stated for the selection`,
      ),
      `  textures      ${unknown}           made available for research by the publisher`,
      'Get 5 of them, verified (5 of unknown size):',
      '    farout pull configs/imagenet-resnet50.yaml',
      '  --dry-run only shows addresses, sizes and terms. "run --pull" downloads them and then runs.',
      "  Accept the terms of imagenet-val on its publisher's page:",
      '    https://image-net.org/download.php',
      '  Put ILSVRC2012_img_val.tar into',
      `    ${folder}`,
      '  and pull again, which unpacks it. If you have it unpacked, make this a link to its folder:',
      `    ${folder}/val`,
      '[OOD_NOT_PULLED]',
      '',
    ]);
    const width = Math.max(...lines.filter((line) => !line.includes(folder)).map((line) => line.length));
    expect(width).toBeLessThanOrEqual(100);
  });

  it('says before it loads anything from where and under which terms', async () => {
    const { code, stdout } = await farout('pull', experiment, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /sun: SUN, .*\n {2}to be downloaded: .*ood_data\/SUN\n {2}size: not published\n {2}from: http/,
    );
    expect(stdout).toMatch(/In total: 5 files, 0 bytes, and 5 of unknown size\n$/);
    expect(existsSync(clone.path('datasets/ood_data'))).toBe(false);
  });

  it('gets all but what needs consent, and says how that is had', async () => {
    const { code, stderr } = await farout('pull', experiment);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /imagenet-val is available only after you accept its terms: ImageNet-1k .*\n.*:\n {4}https:\/\/image-net.org/,
    );
    expect(stderr).toMatch(/\[OOD_TERMS\]\n$/);
    expect(readdirSync(clone.path('datasets/ood_data')).sort()).toEqual(['Places', 'SUN', 'dtd', 'iNaturalist']);
  });

  it('comes to the table once that is placed, with all published numbers beside, and is then silent', async () => {
    placeByHand('ILSVRC2012_img_val.tar');
    const { code, stdout, stderr } = await farout('run', experiment, '--pull', '--no-report');
    expect(stderr).toMatch(/id_data\/ILSVRC-2012\/val: 2 files, 2 of which are images/);
    expect(stderr).toMatch(/^colours uses its published weights: colours.safetensors \(/m);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/ReAct/);
    expect(stdout).toMatch(/20\.38/);
    expectWholeTable('imagenet-resnet50', ['MSP', 'ODIN', 'Energy', 'ReAct']);
    expect((await farout('pull', experiment)).stderr).toBe('Nothing to download: everything is already here.\n');
  });

  it("has the paper's last row too, from the archive of the training images as it is", async () => {
    const lacking = await farout('run', withTraining);
    expect(lacking.stderr).toMatch(/needs one item that is not on this machine:\n {2}imagenet-train .* by hand/);
    expect(lacking.stderr).toContain(`  Put ILSVRC2012_img_train.tar into\n    ${clone.path(imagenet)}\n`);
    placeByHand('ILSVRC2012_img_train.tar');
    expect(await farout('run', withTraining, '--no-report')).toMatchObject({ signal: null });
    expectWholeTable('imagenet-resnet50-mahalanobis', ['MSP', 'ODIN', 'Energy', 'ReAct', 'Mahalanobis']);
  });

  it('asks nobody again', async () => {
    rmSync(served, { recursive: true });
    expect((await farout('pull', experiment)).stderr).toBe('Nothing to download: everything is already here.\n');
    expect(await farout('run', withTraining, '--no-report', '--offline')).toMatchObject({ code: 0 });
  });
});

/** Every detector on every set and on average, each number with the paper's beside. */
function expectWholeTable(run: string, detectors: readonly string[]): void {
  const { failed, results } = JSON.parse(readFileSync(clone.path(`runs/${run}/results.json`), 'utf8')) as RunResults;
  expect(failed).toEqual([]);
  const cells = results.map(({ detector, ood, metric }) => [detector, ood, metric].join(' '));
  const sets = ['inaturalist', 'sun', 'places', 'textures', 'average'];
  const expected = detectors.flatMap((name) =>
    sets.flatMap((set) => ['fpr95', 'auroc'].map((of) => `${name} ${set} ${of}`)),
  );
  expect(cells.sort()).toEqual(expected.sort());
  expect(results.filter(({ published }) => published === undefined)).toEqual([]);
}

describe('farout pull', () => {
  it('suggests a name for one that nothing has', async () => {
    const { code, stderr } = await farout('pull', 'sunn');
    expect(code).toBe(2);
    expect(stderr).toMatch(/Did you mean "sun"\? {3}Available: .*places/);
  });
});
