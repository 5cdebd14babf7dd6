import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoWeights } from '@farout/demo';
import type { DataVerdict } from '@farout/runner';
import { Replica } from '../replica.ts';
import { runCli } from '../run-cli.ts';

const folder = new Replica();
afterAll(() => folder.remove());
const farout = (...words: string[]) => runCli(words, { cwd: folder.folder });
const verdict = (file = 'data-check.json') => JSON.parse(folder.read(file)) as DataVerdict;
const told = ({ findings }: DataVerdict) =>
  findings.map(({ dataset, kind, severity, where }) => [dataset, kind, severity, where.replace(folder.folder, '.')]);

/** What a manifest says of a set, as far as the check is concerned. */
const source = (name: string, role: 'id' | 'ood', images: number) => ({
  title: name,
  license: 'MIT',
  page: 'https://publisher.example/',
  role,
  images,
  layout: `${name}/, images at any depth`,
  citation: 'Somebody, 2026',
  found: ['nowhere'],
  files: [{ path: `${name}.zip`, addresses: [`https://publisher.example/${name}.zip`], unpack: { folder: name } }],
});

const experiment = (list: string) => `name: shapes
store: store
device: cpu
backbone: { demo-resnet: { weights: ${JSON.stringify(demoWeights)} } }
datasets:
  shapes: { image-list: { list: lists/shapes.txt, root: images } }
  surfaces: { image-list: { list: lists/${list}.txt, root: images } }
id: shapes
ood: [surfaces, noise]
detectors: { Energy: energy }
metrics: [auroc]
`;

beforeAll(() => {
  for (let i = 0; i < 24; i++) folder.paint(`images/shapes/${i}.png`, 'objects', 3, i);
  for (let i = 0; i < 6; i++) folder.paint(`images/surfaces/${i}.png`, 'textures', 3, i);
  for (let i = 0; i < 4; i++) folder.paint(`datasets/noise/${i}.png`, 'noise', 3, i);
  for (let i = 0; i < 4; i++) folder.paint(`datasets/others/${i}.png`, 'unseen-shapes', 3, i);
  folder.write('lists/shapes.txt', Array.from({ length: 24 }, (_, i) => `shapes/${i}.png ${i % 12}\n`).join(''));
  folder.write('lists/surfaces.txt', Array.from({ length: 6 }, (_, i) => `surfaces/${i}.png -1\n`).join(''));
  folder.write('right.yaml', experiment('surfaces'));
  const noise = { 'image-folder': { root: 'noise' }, source: source('noise', 'ood', 4) };
  folder.write('datasets/noise.yaml', JSON.stringify(noise));
  folder.write('datasets/others.yaml', JSON.stringify({ source: source('others', 'id', 4) }));
  folder.write('datasets/elsewhere.yaml', JSON.stringify({ source: source('elsewhere', 'ood', 9) }));
});

describe('farout data check', () => {
  it('says in numbers what an experiment has, writes it down, and ends well where nothing is wrong', async () => {
    const { code, stdout, stderr } = await farout('data', 'check', 'right.yaml');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        'dataset   role  images  expected  unreadable     classes  errors  warnings',
        'shapes    ID        24         –           0  12, 2 each       0         0',
        'surfaces  OOD        6         –           0           –       0         0',
        'noise     OOD        4         4           0           –       0         0',
        '',
        'No errors, no warnings in 3 datasets. All findings: data-check.json',
        '',
      ].join('\n'),
    });
    expect(stderr).toContain('shapes: reading: 24 images\n');
    expect(verdict()).toMatchObject({ schemaVersion: 1, ok: true, classes: 12, findings: [], notes: [] });
    expect((await farout('data', 'check', 'right.yaml', '--quiet')).stderr).toBe('');
  });

  it('names all that is wrong, each with its place and what to do, and ends with 1', async () => {
    const broken = [
      'shapes/0.png -1', // the bytes of an ID image
      'surfaces/0.png 3', // a class of the network
      'surfaces/1.png -1',
      'surfaces/gone.png -1',
      'surfaces/half.png -1',
      '../outside.png -1',
    ];
    folder.write('lists/broken.txt', `${broken.join('\n')}\n`);
    folder.write('images/surfaces/half.png', readFileSync(folder.path('images/surfaces/2.png')).subarray(0, 500));
    folder.write('broken.yaml', experiment('broken'));
    folder.write('datasets/noise/README', 'text');
    const noise = { 'image-folder': { root: 'noise' }, source: source('noise', 'ood', 5) };
    folder.write('datasets/noise.yaml', JSON.stringify(noise));
    const { code, stdout } = await farout('data', 'check', 'broken.yaml', '--to', 'found.json', '--quiet');
    expect(code).toBe(1);
    expect(told(verdict('found.json'))).toEqual([
      ['surfaces', 'missing', 'error', './images/surfaces'],
      ['surfaces', 'layout', 'error', './lists/broken.txt:6'],
      ['surfaces', 'unreadable', 'error', 'surfaces/half.png'],
      ['surfaces', 'id-class', 'error', 'class 3'],
      ['surfaces', 'duplicate', 'error', 'shapes/0.png'],
      ['noise', 'count', 'error', './datasets/noise'],
      ['noise', 'layout', 'warning', './datasets/noise/README'],
    ]);
    for (const { where, what, fix } of verdict('found.json').findings) {
      expect(stdout).toContain(`    ${where}: ${what}\n`);
      expect(stdout).toContain(`    ${fix!}\n`);
    }
    expect(stdout).toMatch(
      /1 of the 4 files listed in broken.txt is missing, the first "surfaces\/gone.png" \(line 4\)/,
    );
    expect(stdout).toMatch(/there are 4 images, but datasets\/noise.yaml has 5: 1 too few\n/);
    expect(stdout).toMatch(/\n6 errors, 1 warning in 3 datasets. All findings: found.json\n$/);
  });

  it('spells out five findings of a kind and counts the others, all of which are in the file', async () => {
    const labels = Array.from({ length: 24 }, (_, i) => `shapes/${i}.png ${i + 100}\n`).join('');
    folder.write('lists/foreign.txt', labels);
    folder.write('foreign.yaml', experiment('shapes').replace('lists/shapes.txt', 'lists/foreign.txt'));
    const { code, stdout } = await farout('data', 'check', 'foreign.yaml', '--quiet');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /error, label\n.*the label 100, and 23 more such labels, but the network has 12 classes, 0 to 11\n/,
    );
    expect(stdout).toMatch(/error, duplicate: 24\n(.*the same bytes as.*\n){5} {4}and 19 more\n/);
    expect(verdict().findings.filter(({ kind }) => kind === 'duplicate')).toHaveLength(24);
  });

  it('says what to pull where images are not there, and needs no weights', async () => {
    folder.write(
      'lacking.yaml',
      experiment('surfaces').replace('[surfaces, noise]', '[far]').replace(demoWeights, '/gone.pth'),
    );
    folder.write(
      'datasets/far.yaml',
      JSON.stringify({ 'image-folder': { root: 'far' }, source: source('far', 'ood', 5) }),
    );
    const { code, stdout } = await farout('data', 'check', 'lacking.yaml', '--quiet');
    expect(code).toBe(1);
    expect(stdout).toMatch(/datasets\/far: the folder is missing\n {4}\S+ pull far gets it\.\n/);
    expect(stdout).toMatch(/Labels were not compared with the network's classes: .*gone\.pth/);
    expect(verdict()).toMatchObject({ ok: false, classes: null });
  });

  it('says of a folder that several sets lie in which is to be pulled, by what the dataset is called', async () => {
    for (const name of ['near', 'far']) {
      const manifest = source(`bench/${name}`, 'ood', 5);
      folder.write(`datasets/bench-${name}.yaml`, JSON.stringify({ source: manifest }));
    }
    const text = experiment('surfaces').replace(
      'surfaces: { image-list: { list: lists/surfaces.txt, root: images } }',
      'near: { image-folder: { root: datasets/bench } }',
    );
    folder.write('bench.yaml', text.replace('[surfaces, noise]', '[near, noise]'));
    const { stdout } = await farout('data', 'check', 'bench.yaml', '--quiet');
    expect(stdout).toMatch(/datasets\/bench: the folder is missing\n {4}\S+ pull bench-near gets it\.\n/);
  });

  it('checks datasets by their names, against each other by the roles that their manifests give them', async () => {
    folder.paint('datasets/noise/copy.png', 'unseen-shapes', 3, 2);
    rmSync(folder.path('datasets/noise/README'));
    const { code, stdout } = await farout('data', 'check', 'datasets/noise.yaml', 'others', '--quiet');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^noise +OOD +5 +5 .*\nothers +ID +4 +4 /m);
    expect(told(verdict())).toEqual([['noise', 'duplicate', 'error', 'copy.png']]);
    expect((await farout('data', 'check', 'elsewhere', '--quiet')).stdout).toMatch(/pull elsewhere gets it\./);
  });

  it.each([
    [['check', 'noize'], 'there is no file datasets/noize.yaml in this folder or above it\nDid you mean "noise"?'],
    [['chekc', 'noise'], 'unknown action "chekc"\nDid you mean "check"?'],
    [['check', 'noise', 'right.yaml'], 'give either one experiment, or names of datasets\n'],
    [['check', 'noise', '--to', 'right.yaml'], 'right.yaml already exists, and was not written by farout\n'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await farout('data', ...words, '--quiet');
    expect(code).toBe(2);
    expect(stderr.startsWith(message) ? message : stderr).toBe(message);
  });
});
