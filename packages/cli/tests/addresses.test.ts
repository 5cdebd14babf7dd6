import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoWeights } from '@farout/demo';
import { Replica } from './replica.ts';
import { runCli } from './run-cli.ts';

const clone = new Replica();
const weights = readFileSync(demoWeights);
const files = new Map<string, Buffer>();
const asked: string[] = [];
let server: http.Server;
let origin: string;

beforeAll(async () => {
  files.set('/weights/demo.pth', weights);
  for (let i = 0; i < 6; i++) {
    clone.paint(`made/${i}.png`, 'objects', 3, i);
    files.set(`/images/${i}.png`, readFileSync(clone.path(`made/${i}.png`)));
    clone.paint(`made/set/${i}.png`, 'textures', 3, i);
  }
  files.set('/list.txt', Buffer.from([0, 1, 2, 3, 4, 5].map((i) => `${i}.png ${i}\n`).join('')));
  expect(spawnSync('tar', ['-czf', clone.path('set.tar.gz'), 'set'], { cwd: clone.path('made') }).status).toBe(0);
  files.set('/sets/set.tar.gz', readFileSync(clone.path('set.tar.gz')));
  server = http.createServer(({ url = '' }, response) => {
    asked.push(url);
    const content = files.get(url);
    if (content) response.end(content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  clone.remove();
});

function write(change: Record<string, unknown> = {}): string {
  const digest = createHash('sha256').update(weights).digest('hex');
  const experiment = {
    name: 'addresses',
    store: '../store',
    backbone: { 'demo-resnet': { weights: `${origin}/weights/demo.pth#sha256=${digest}` } },
    datasets: {
      objects: { 'image-list': { list: `${origin}/list.txt`, root: `${origin}/images` } },
      textures: { tar: { file: `${origin}/sets/set.tar.gz` } },
    },
    id: 'objects',
    ood: ['textures'],
    detectors: { MSP: 'msp' },
    ...change,
  };
  clone.write('configs/addresses.yaml', JSON.stringify(experiment));
  return 'configs/addresses.yaml';
}

const farout = async (...words: string[]) => {
  const { code, stdout, stderr } = await runCli(words, {
    cwd: clone.folder,
    env: { FAROUT_CACHE: clone.path('cache') },
  });
  return { code, text: `${stdout}${stderr}` };
};

describe('an experiment that names weights, a list, images and an archive by addresses', () => {
  it('says what is to be pulled, and asks nobody before', async () => {
    const { code, text } = await farout('run', write());
    expect(code).toBe(2);
    expect(text).toMatch(/not on this machine:.*demo\.pth.*list\.txt.*set\.tar\.gz.*\[OOD_NOT_PULLED\]/s);
    expect(asked).toEqual([]);
  });

  it('is pulled with its checksums, and runs', async () => {
    expect((await farout('pull', write())).code).toBe(0);
    expect(new Set(asked)).toEqual(new Set(['/weights/demo.pth', '/list.txt', '/sets/set.tar.gz']));
    expect(await farout('run', write(), '--out', 'out', '--no-report')).toMatchObject({ code: 0 });
    expect(asked.filter((url) => url.startsWith('/images/')).sort()).toEqual(
      [0, 1, 2, 3, 4, 5].map((i) => `/images/${i}.png`),
    );
    const scores = clone.read('out/scores.csv').split('\r\n');
    expect(scores.slice(1, 3).map((row) => row.split(',').slice(0, 3))).toEqual([
      ['objects', '0.png', '0'],
      ['objects', '1.png', '1'],
    ]);
  });

  it('asks nobody the second time', async () => {
    asked.length = 0;
    expect(await farout('run', write(), '--out', 'again', '--no-report')).toMatchObject({ code: 0 });
    expect(await farout('pull', write())).toMatchObject({
      code: 0,
      text: 'Nothing to download: everything is already here.\n',
    });
    expect(asked).toEqual([]);
  });

  it('gets no file under its name whose checksum is another', async () => {
    const other = `${origin}/weights/demo.pth#sha256=${'0'.repeat(64)}`;
    const { code, text } = await farout('pull', write({ backbone: { 'demo-resnet': { weights: other } } }));
    expect(code).not.toBe(0);
    expect(text).toMatch(/\[OOD_CONTENT_MISMATCH\]/);
    expect((await farout('check', 'configs/addresses.yaml')).code).toBe(2);
  });
});

describe('an address', () => {
  it.each([
    ['with a password', 'http://user:secret@HOST/demo.pth'],
    ['with a query', 'http://HOST/demo.pth?signature=secret'],
    ['with an end that is no checksum', 'http://HOST/demo.pth#secret'],
  ])('%s is refused, and not shown', async (_title, address) => {
    const given = address.replace('HOST', new URL(origin).host);
    for (const change of [
      { backbone: { 'demo-resnet': { weights: given } } },
      { datasets: { objects: { 'image-list': { list: 'l.txt', root: given } }, textures: { tar: { file: given } } } },
    ]) {
      const { code, text } = await farout('check', write(change));
      expect(code).not.toBe(0);
      expect(text).toContain('[OOD_ADDRESS_REFUSED]');
      expect(text).not.toMatch(/user:|signature=|secret@/);
    }
  });

  it.each([
    ['plugins', { plugins: ['https://a.example/plugin.mjs'] }],
    ['extends', { extends: 'https://a.example/base.yaml' }],
    ['a store', { store: 'https://a.example/store' }],
  ])('is nothing for %s', async (_title, change) => {
    expect((await farout('check', write(change))).code).toBe(2);
  });

  it('is nothing for --out', async () => {
    expect((await farout('run', write(), '--out', 'https://a.example/out', '--no-report')).code).toBe(2);
  });
});
