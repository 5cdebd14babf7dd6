import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { demoWeights } from '@farout/demo';
import { fail, hangUp, S3Server, secrets, times } from '../../../tools/s3-server.ts';
import { Replica } from './replica.ts';
import { runCli } from './run-cli.ts';

const clone = new Replica();
let server: S3Server;

/** Of each set, so many images. */
const count = 10;
const names = Array.from({ length: count }, (_, i) => `${i % 2 === 0 ? 'even' : 'odd'}/${i}.png`);

beforeAll(async () => {
  server = await S3Server.start();
  names.forEach((name, i) => {
    clone.paint(`images/objects/${name}`, 'objects', 3, i);
    clone.paint(`images/textures/${name}`, 'textures', 3, i);
    clone.paint(`images/noise/${name}`, 'noise', 3, i);
  });
  for (const set of ['objects', 'textures'])
    for (const name of names)
      server.put(`bucket/images/${set}/${name}`, readFileSync(clone.path(`images/${set}/${name}`)));
  expect(spawnSync('tar', ['-cf', '../noise.tar', '.'], { cwd: clone.path('images/noise') }).status).toBe(0);
  server.put('bucket/images/noise.tar', readFileSync(clone.path('images/noise.tar')));
  clone.write('list.txt', `${names.join('\n')}\n`);
});
beforeEach(() => {
  server.seen.length = server.faults.length = 0;
});
afterAll(async () => {
  await server.stop();
  clone.remove();
});

/** An experiment over a folder, a list and a tar, here or there. */
function experiment(name: string, images: string, store: string): string {
  const content = {
    name,
    store,
    backbone: { 'demo-resnet': { weights: demoWeights } },
    datasets: {
      objects: { 'image-folder': { root: `${images}/objects` } },
      textures: { 'image-list': { list: clone.path('list.txt'), root: `${images}/textures` } },
      noise: { tar: { file: `${images}/noise.tar` } },
    },
    id: 'objects',
    ood: ['textures', 'noise'],
    detectors: { MSP: 'msp', ODIN: 'odin' },
    metrics: ['auroc'],
  };
  clone.write(`${name}.yaml`, JSON.stringify(content));
  return clone.path(`${name}.yaml`);
}

const run = (file: string, cache: string, words: readonly string[] = []) =>
  runCli(['run', file, ...words], {
    cwd: clone.folder,
    env: { ...server.env, FAROUT_CACHE: clone.path(cache) },
  });
const remote = (name: string) => experiment(name, 's3://bucket/images', `s3://bucket/stores/${name}`);
const scores = (name: string) => clone.read(`runs/${name}/scores.csv`);
const bytesOf = (prefix: string) =>
  [...server.entries].filter(([key]) => key.startsWith(prefix)).reduce((sum, [, { bytes }]) => sum + bytes.length, 0);

describe('farout store', () => {
  it('looks at folders alone, and says so of an address', async () => {
    const { code, stderr } = await runCli(['store', 'list', '--store', 's3://bucket/store']);
    expect(code).toBe(2);
    expect(stderr).toContain('--store is an address, but must be a path on this machine');
  });
});

describe('an experiment whose store and images lie on S3', () => {
  it('gives the bytes of a run on this machine, reads each image once, and writes no secret down', async () => {
    const local = experiment('local', clone.path('images'), clone.path('store'));
    expect(await run(local, 'cache-local')).toMatchObject({ code: 0 });
    // The first who needs it writes where files lie in the tar.
    expect(server.entries.has('bucket/images/noise.tar.index')).toBe(false);
    const { code, stdout, stderr } = await run(remote('remote'), 'cache-1');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(scores('remote')).toBe(scores('local'));
    const images = server.seen.filter(
      ({ key, status }) => /images\/(?:objects|textures)\/.*png$/.test(key) && status < 300,
    );
    expect(images).toHaveLength(2 * count);
    expect(server.entries.has('bucket/images/noise.tar.index')).toBe(true);
    for (const secret of [secrets.key, secrets.token]) {
      expect(stdout + stderr).not.toContain(secret);
      for (const [, { bytes }] of server.entries) expect(bytes.includes(secret)).toBe(false);
      for (const file of filesIn(clone.folder))
        expect({ file, has: readFileSync(file).includes(secret) }).toEqual({ file, has: false });
    }
  });

  it('is read by another machine from the store alone', async () => {
    const before = bytesOf('bucket/stores/remote/');
    expect(await run(remote('remote'), 'cache-2', ['--out', 'second'])).toMatchObject({ code: 0 });
    expect(clone.read('second/scores.csv')).toBe(scores('local'));
    expect(
      server.seen.filter(
        ({ key, method }) => method === 'GET' && key.startsWith('bucket/images/') && !key.endsWith('.index'),
      ),
    ).toEqual([]);
    expect(server.given.bytes).toBeLessThanOrEqual(1.2 * before);
  });

  it('goes on where the storage is away for a while, and is busy', async () => {
    let asked = 0;
    server.faults.push(times(6, hangUp));
    server.faults.push((response) => ++asked % 7 === 3 && fail(response, 503, 'SlowDown'));
    expect(await run(remote('busy'), 'cache-3')).toMatchObject({ code: 0 });
    expect(scores('busy')).toBe(scores('local'));
  });

  it('ends at once when credentials expire, and goes on with new ones', async () => {
    let isExpired = true;
    let images = 0;
    server.faults.push((response, { key }) => {
      if (key.endsWith('.png')) images++;
      return isExpired && images > count && fail(response, 400, 'ExpiredToken');
    });
    const file = remote('expired');
    const ended = await run(file, 'cache-4');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('the credentials for s3://bucket have expired');
    expect(ended.stderr).toContain('[OOD_CREDENTIALS_EXPIRED]');
    isExpired = false;
    expect(await run(file, 'cache-4')).toMatchObject({ code: 0 });
    expect(scores('expired')).toBe(scores('local'));
  });

  it('leaves out, counts and names an image that has changed since it was listed', async () => {
    const file = remote('changed');
    const [name, original] = [
      `bucket/images/textures/${names[0]!}`,
      server.entries.get(`bucket/images/textures/${names[0]!}`)!,
    ];
    server.faults.push((_, { key, headers }) => {
      if (key === name && headers['if-match'] !== undefined) server.put(name, 'another');
      return false;
    });
    const { code, stderr } = await run(file, 'cache-5');
    server.entries.set(name, original);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(clone.read('runs/changed/results.json')).toContain('has changed since it was listed');
  });

  it('asks nothing where nothing may be asked', async () => {
    const { code, stderr } = await runCli(['run', remote('offline')], {
      cwd: clone.folder,
      env: { ...server.env, FAROUT_CACHE: clone.path('cache-6'), FAROUT_OFFLINE: '1' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('[OOD_OFFLINE]');
    expect(server.seen).toEqual([]);
  });

  it('is refused where an address can lead nowhere, before anything is asked', async () => {
    const file = experiment('wrong', 's3://Bucket!', 'gs://bucket/store');
    const { code, stderr } = await run(file, 'cache-7');
    expect(code).toBe(2);
    expect(stderr).toContain('no plugin supports gs:// addresses');
    expect(stderr).toContain('Available schemes: s3.');
    expect(stderr).toContain('an s3:// address has no bucket');
    expect(server.seen).toEqual([]);
  });
});

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile());
