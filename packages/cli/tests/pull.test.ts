import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { manifestsAround, type Source } from '@farout/acquire';
import { demoWeights, type ImageSetName } from '@farout/demo';
import { parse } from 'yaml';
import { builtIns } from '../src/built-ins.ts';
import { Replica, smallNetwork } from './replica.ts';
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

beforeAll(async () => {
  mkdirSync(served);
  Object.entries(archives).forEach(([archive, [set, ...names]], seed) => {
    names.forEach((name, index) => clone.paint(path.join('made', archive, name), set, seed, index));
    const tops = [...new Set(names.map((name) => name.split('/')[0]!))];
    const how = archive.endsWith('.gz') ? '-czf' : '-cf';
    expect(
      spawnSync('tar', [how, path.join(served, archive), ...tops], { cwd: clone.path(`made/${archive}`) }).status,
    ).toBe(0);
  });
  writeFileSync(path.join(served, 'demo.pth'), readFileSync(demoWeights));
  server = http.createServer(({ url = '' }, response) => {
    const file = path.join(served, url);
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const name of readdirSync(path.join(root, 'datasets')).filter((each) => each.endsWith('.yaml')))
    writeMiniature(`datasets/${name}`, `http://127.0.0.1:${port}`);
  const file = { path: 'demo.pth', addresses: [`http://127.0.0.1:${port}/demo.pth`] };
  clone.write('models/demo.yaml', JSON.stringify({ source: { ...sourceOf('models/resnet50.yaml'), files: [file] } }));
});

afterAll(() => {
  server.close();
  clone.remove();
});

const sourceOf = (file: string) => (parse(readFileSync(path.join(root, file), 'utf8')) as { source: Source }).source;

/** A manifest of the repository, with the tests' own server and counts. */
function writeMiniature(file: string, origin: string): void {
  const source = sourceOf(file);
  const files = source.files.map(({ path: place, unpack }) => ({
    path: place,
    addresses: source.accept ? [] : [`${origin}/${path.basename(place)}`],
    ...(unpack && { unpack: { ...unpack, images: 2 } }),
  }));
  clone.write(file, JSON.stringify({ source: { ...source, images: 2 * files.length, files } }));
}

const overrides = setting([...smallNetwork.slice(0, 1), 'backbone={demo-resnet: {weights: models/demo.pth}}']);
const farout = (...words: string[]) => runCli([...words, ...overrides], { cwd: clone.folder });
const experiment = 'configs/imagenet-resnet50.yaml';

describe('from nothing to the table of the paper, in miniature', () => {
  it('says on one screen what is missing, what gets it, and what is to be placed by hand', async () => {
    const { code, stdout, stderr } = await farout('run', experiment);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^6 things that configs\/imagenet-resnet50.yaml needs are not on this machine:\n {2}demo /);
    expect(stderr).toMatch(/place ILSVRC2012_img_val.tar in .*datasets\/id_data\/ILSVRC-2012/);
    expect(stderr).toMatch(/pull configs\/imagenet-resnet50.yaml gets all but what is to be placed by hand/);
    expect(stderr).toMatch(/\[OOD_NOT_PULLED\]\n$/);
    expect(stderr.split('\n').length).toBeLessThan(16);
  });

  it('says before it loads anything from where and under which terms', async () => {
    const { code, stdout } = await farout('pull', experiment, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/sun: SUN, .*\n {2}to be loaded: .*ood_data\/SUN\n {2}size: not published\n {2}from: http/);
    expect(stdout).toMatch(/in all: 5 files, 0 bytes, and 5 of unknown size\n$/);
    expect(existsSync(clone.path('datasets/ood_data'))).toBe(false);
  });

  it('gets all but what needs consent, and says how that is had', async () => {
    const { code, stderr } = await farout('pull', experiment);
    expect(code).toBe(2);
    expect(stderr).toMatch(/imagenet-val .* is given only to those who accept its terms\n.*image-net.org/);
    expect(stderr).toMatch(/\[OOD_TERMS\]\n$/);
    expect(readdirSync(clone.path('datasets/ood_data')).sort()).toEqual(['Places', 'SUN', 'dtd', 'iNaturalist']);
  });

  it('comes to the table once that is placed, with the published numbers beside, and is then silent', async () => {
    const archive = 'ILSVRC2012_img_val.tar';
    clone.write(`datasets/id_data/ILSVRC-2012/${archive}`, readFileSync(path.join(served, archive)));
    const { code, stdout, stderr } = await farout('run', experiment, '--pull', '--no-report');
    expect(stderr).toMatch(/id_data\/ILSVRC-2012\/val: 2 files, 2 of them images/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ReAct/);
    expect(stdout).toMatch(/20\.38/);
    rmSync(served, { recursive: true });
    expect((await farout('pull', experiment)).stderr).toBe('Everything is there already.\n');
  });
});

describe('farout pull', () => {
  it('suggests a name for one that nothing has', async () => {
    const { code, stderr } = await farout('pull', 'sunn');
    expect(code).toBe(2);
    expect(stderr).toMatch(/Did you mean "sun"\? {3}To be had here: .*places/);
  });
});

describe('the weights that backbones call their usual ones', () => {
  const published = builtIns
    .flatMap(({ plugin }) => plugin.backbones ?? [])
    .flatMap((backbone) => (backbone.published ? [[backbone.name, backbone.published] as const] : []));

  it.each(published)('of %s have a manifest that says the same', async (_, { file, sha256, address }) => {
    const manifests = await manifestsAround(root);
    const files = [...manifests.values()].flatMap(({ source }) => source.files);
    const found = files.find((each) => each.path === file);
    expect(found?.addresses).toContain(address);
    expect((found?.sha256 ?? found?.sha256Begins)?.slice(0, 8)).toBe(sha256);
  });
});
