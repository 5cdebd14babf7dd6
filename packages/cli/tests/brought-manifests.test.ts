import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { coloursPlugin, coloursWeights } from './colours.ts';
import { Replica } from './replica.ts';
import { runCli } from './run-cli.ts';

const weights = coloursWeights(2);
const sha256 = createHash('sha256').update(weights).digest('hex');
const place = new Replica();
const cache = place.path('cache');
const pulled = path.join(cache, 'pulled', 'farout-colours');
const placed = path.join(pulled, 'models', 'colours.safetensors');
const served = new Map<string, Buffer>([['/colours.safetensors', weights]]);
const asked: string[] = [];
let server: http.Server;
let origin: string;

const about = {
  license: 'CC0-1.0',
  page: 'https://example.org/terms',
  citation: 'Nobody, nowhere',
  found: ['this test'],
};

beforeAll(async () => {
  server = http.createServer(({ url = '' }, response) => {
    asked.push(url);
    const content = served.get(url.split('?')[0]!);
    if (content) response.end(content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [set, seed] of [
    ['objects', 1],
    ['textures', 2],
  ] as const)
    for (let index = 0; index < 4; index++) place.paint(`${set}/${index}.png`, set, seed, index);
  expect(spawnSync('tar', ['-czf', place.path('textures.tar.gz'), 'textures'], { cwd: place.folder }).status).toBe(0);
  served.set('/textures.tar.gz', readFileSync(place.path('textures.tar.gz')));
  place.write('plugin/plugin.mjs', coloursPlugin);
  const file = {
    path: 'colours.safetensors',
    size: weights.length,
    sha256Begins: sha256.slice(0, 8),
    addresses: [`${origin}/colours.safetensors?key=secret`],
  };
  const network = { ...about, title: 'Means of colours', role: 'weights', layout: 'one file', files: [file] };
  place.write('plugin/models/colours.yaml', JSON.stringify({ source: network }));
  const archive = {
    path: 'textures.tar.gz',
    addresses: [`${origin}/textures.tar.gz`],
    unpack: { folder: 'stripes', strip: 'textures', images: 4 },
  };
  const stripes = { ...about, title: 'Stripes', role: 'ood', images: 4, layout: 'stripes/<image>', files: [archive] };
  const set = { 'image-folder': { root: 'stripes' }, source: stripes };
  place.write('plugin/datasets/stripes.yaml', JSON.stringify(set));
  place.write(
    'mine.yaml',
    `name: mine
backbone: { colours: { resize: 64, crop: 64 } }
plugins: [./plugin/plugin.mjs]
datasets: { objects: { image-folder: { root: objects } } }
id: objects
ood: [stripes]
detectors: { MSP: msp }
`,
  );
});

beforeEach(() => void asked.splice(0));

afterAll(() => {
  server.close();
  place.remove();
});

const farout = (...words: string[]) => runCli(words, { cwd: place.folder, env: { FAROUT_CACHE: cache } });

describe('weights and images that a plugin knows the source of', () => {
  it('are named by a run that lacks them, which asks nothing', async () => {
    const { code, stderr } = await farout('run', 'mine.yaml');
    expect(code).toBe(2);
    expect(stderr.split('\n')).toEqual([
      'mine.yaml needs 2 items that are not on this machine:',
      `  colours  ${weights.length} bytes           CC0-1.0`,
      '  stripes  size not published  CC0-1.0',
      `Get them, verified (${weights.length} bytes and 1 of unknown size):`,
      '    farout pull mine.yaml',
      '  --dry-run only shows addresses, sizes and terms. "run --pull" downloads them and then runs.',
      '[OOD_NOT_PULLED]',
      '',
    ]);
    expect(asked).toEqual([]);
  });

  it.each([
    'run mine.yaml --offline',
    'run mine.yaml --offline --pull',
    'check mine.yaml --offline',
    'pull mine.yaml --offline',
  ])('are asked of nobody by %s, which says where to place them', async (line) => {
    const { code, stderr } = await farout(...line.split(' '));
    expect(code).toBe(2);
    expect(stderr).toContain('2 files are missing, and network access is turned off\n');
    const facts = `${weights.length} bytes, SHA-256 ${sha256.slice(0, 8)}…`;
    expect(stderr).toContain(`  ${placed}\n    ${facts}\n    from ${origin}/colours.safetensors\n`);
    expect(stderr).toContain(`  ${path.join(pulled, 'datasets', 'textures.tar.gz')}\n`);
    expect(stderr).toMatch(/\[OOD_OFFLINE\]\n$/);
    expect(asked).toEqual([]);
  });

  it('are pulled by name where the plugin is named', async () => {
    expect((await farout('pull', 'stripes')).stderr).toContain('there is no source for "stripes" here');
    const { code, stderr } = await farout('pull', 'stripes', '--plugin', './plugin/plugin.mjs');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(existsSync(path.join(pulled, 'datasets', 'stripes', '0.png'))).toBe(true);
  });

  it('are pulled by run --pull, which says which weights it has from where', async () => {
    const { code, stdout, stderr } = await farout('run', 'mine.yaml', '--pull', '--no-report');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(asked).toEqual(['/colours.safetensors?key=secret']);
    expect(stdout).toMatch(/MSP/);
    expect(stderr).toContain(
      `colours uses its published weights: colours.safetensors (${weights.length} bytes; CC0-1.0) from ${origin}/colours.safetensors; ` +
        'its SHA-256 is the same as at the first download',
    );
    const results = readFileSync(place.path('runs/mine/results.json'), 'utf8');
    expect(results).toContain('colours uses its published weights: colours.safetensors');
    expect(results).not.toContain('secret');
  });

  it('ask nothing afterwards, and are verified by each run', async () => {
    expect(await farout('run', 'mine.yaml', '--no-report')).toMatchObject({ code: 0 });
    expect(asked).toEqual([]);
    // The same size, and eight digits that nobody looks at any more.
    const damaged = Buffer.from(weights);
    damaged[damaged.length - 1]! ^= 1;
    writeFileSync(placed, damaged);
    const { code, stderr } = await farout('run', 'mine.yaml', '--no-report');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^mine.yaml:2:13 {2}.*colours.safetensors is not the published "colours": its SHA-256 is/m);
    writeFileSync(placed, weights);
  });
});

describe('the weights of the built-in backbones', () => {
  it('are pulled by name, from anywhere', async () => {
    const { code, stdout } = await farout('pull', 'resnet50', 'mobilenet-v2-v2', '--dry-run');
    expect(code).toBe(0);
    const models = path.join(cache, 'pulled', '@farout', 'backbones', 'models');
    expect(stdout).toContain(`to be downloaded: ${path.join(models, 'resnet50-0676ba61.pth')}`);
    expect(stdout).toContain(`to be downloaded: ${path.join(models, 'mobilenet_v2-7ebf99e0.pth')}`);
    expect(stdout).toContain('from: https://download.pytorch.org/models/resnet50-0676ba61.pth');
  });

  it('are pulled once where an experiment lacks them too, whatever lies in the folder by their name', async () => {
    place.write('resnet50/notes.txt');
    const words = ['--set', 'backbone=resnet50', '--dry-run'];
    const { stdout } = await farout('pull', 'resnet50', 'mine.yaml', ...words);
    expect(stdout.match(/^resnet50: /gm)).toHaveLength(1);
  });

  it('are pulled to where an experiment names a file of theirs', async () => {
    const set = 'backbone={resnet50: {weights: nets/resnet50-0676ba61.pth}}';
    const { stdout } = await farout('pull', 'mine.yaml', '--set', set, '--dry-run');
    expect(stdout).toContain(`to be downloaded: ${place.path('nets/resnet50-0676ba61.pth')}`);
  });
});
