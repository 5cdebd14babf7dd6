import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { renderImage, type ImageSetName } from '@farout/demo';
import { encodePng } from '@farout/images';
import { farout, repository } from '../farout-process.ts';
import { Ceph } from './ceph.ts';
import { CountingProxy, type Passed } from './counting-proxy.ts';

/** The requirement of this part: Debian's Ceph packages. */
export const needs = {
  programs: ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'monmaptool', 'ceph'],
  debian: ['ceph-mon', 'ceph-osd', 'radosgw', 'ceph-common'],
};

const bucket = 'farout';
/** The side of the demonstration images, in pixels. */
const side = 64;
/** Images per folder: enough that a run can be interrupted in the middle. */
const sets: Readonly<Record<string, readonly [set: ImageSetName, seed: number, count: number]>> = {
  objects: ['objects', 3, 300],
  validation: ['objects', 2, 300],
  noise: ['noise', 3, 200],
};
/** How long the storage is unreachable, in ms. */
const away = 20_000;

/**
 * Runs an experiment with store and images on a real Ceph that is unreachable for 20 s midway. The result must equal a local run, and at most 1.2 times
 * the bytes of one pass may be read, although ODIN after a fitted ReAct needs a second pass. A second machine must read no images.
 */
export async function s3(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-s3-'));
  const begin = performance.now();
  const ceph = await Ceph.start();
  console.log(`s3: Ceph answers after ${seconds(begin)}`);
  const proxy = await CountingProxy.start(ceph.url);
  try {
    await onCeph({ folder, ceph, proxy });
  } finally {
    await proxy.stop();
    await ceph.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly folder: string;
  readonly ceph: Ceph;
  readonly proxy: CountingProxy;
}

async function onCeph(place: Place): Promise<void> {
  const { folder, ceph, proxy } = place;
  const env = { ...ceph.credentials, AWS_REGION: 'default', AWS_ENDPOINT_URL_S3: proxy.url };
  const bytes = await placeImages(folder, env);
  const local = await scoresOf(
    place,
    'local',
    { root: path.join(folder, 'images'), store: path.join(folder, 'store') },
    {},
  );
  const remote = { root: `s3://${bucket}/images`, store: `s3://${bucket}/store` };

  proxy.passed.length = 0;
  const cut = cutOff(place, 400);
  const first = await scoresOf(place, 'first', remote, { ...env, FAROUT_CACHE: path.join(folder, 'cache-1') });
  await cut;
  report('first run, storage unreachable for 20 s', proxy.passed, bytes);
  assert.equal(first, local, 'scores.csv of the run on Ceph is not that of a local run');
  assert.ok(readFrom(proxy.passed) <= 1.2 * bytes, 'more than 1.2 times the bytes of one pass were read');

  proxy.passed.length = 0;
  const second = await scoresOf(place, 'second', remote, { ...env, FAROUT_CACHE: path.join(folder, 'cache-2') });
  report('second machine', proxy.passed, bytes);
  assert.equal(second, local);
  assert.equal(
    proxy.passed.filter(({ path: asked }) => asked.startsWith(`/${bucket}/images/`)).length,
    0,
    'an image was read again',
  );
  assert.equal(
    await findSecret(folder, ceph.credentials.AWS_SECRET_ACCESS_KEY),
    undefined,
    'the secret was written down',
  );
}

/** Writes the images locally and to the storage; returns their total size in bytes. */
async function placeImages(folder: string, env: Readonly<Record<string, string>>): Promise<number> {
  const { BucketClient } = await import('../../packages/s3/src/client.ts');
  const client = new BucketClient(bucket, env);
  await client.ask({ method: 'PUT', key: '', statuses: [200] });
  let bytes = 0;
  for (const [name, [set, seed, count]] of Object.entries(sets)) {
    await mkdir(path.join(folder, 'images', name), { recursive: true });
    const left = Array.from({ length: count }, (_, i) => i).values();
    const placeNext = async () => {
      for (const i of left) {
        const png = Buffer.from(encodePng({ width: side, height: side, data: renderImage(set, seed, i) }));
        const file = `${name}/${String(i).padStart(4, '0')}.png`;
        await writeFile(path.join(folder, 'images', file), png);
        await client.ask({ method: 'PUT', key: `images/${file}`, body: png, statuses: [200] });
        bytes += png.length;
      }
    };
    await Promise.all(Array.from({ length: 8 }, placeNext));
  }
  return bytes;
}

/** Makes the storage unreachable once `count` images have been read. */
async function cutOff({ ceph, proxy }: Place, images: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let read = 0;
    proxy.onPassed = ({ path: asked }) => {
      if (asked.startsWith(`/${bucket}/images/`) && ++read === images) resolve();
    };
  });
  await ceph.killGateway();
  console.log(`s3: the gateway is killed after ${images} images`);
  await wait(away);
  await ceph.startGateway();
}

async function scoresOf(
  { folder }: Place,
  name: string,
  { root, store }: { readonly root: string; readonly store: string },
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const file = path.join(folder, `${name}.yaml`);
  const weights = path.join(repository, 'packages/demo/weights/demo-resnet.pth');
  const datasets = Object.keys(sets).map((set) => `  ${set}: { image-folder: { root: '${root}/${set}' } }`);
  await writeFile(
    file,
    `name: ${name}\nbackbone: { demo-resnet: { weights: '${weights}' } }\ndatasets:\n${datasets.join('\n')}\nid: objects\nfit: validation\nood: [noise]\ndetectors:\n  MSP: msp\n  ReAct: [react: { percentile: 90 }, energy]\n  ODIN: odin\n  KNN: knn\n  ReAct + ODIN: [react: { percentile: 90 }, odin]\nmetrics: [auroc]\nstore: '${store}'\n`,
  );
  const out = path.join(folder, `run-${name}`);
  const { code, stdout, stderr, seconds: took } = await farout(['run', file, '--out', out], { env });
  await writeFile(path.join(folder, `${name}.log`), stdout + stderr);
  assert.equal(code, 0, stdout + stderr);
  console.log(`s3: ${name}: ${took.toFixed(1)} s`);
  return readFile(path.join(out, 'scores.csv'), 'utf8');
}

const readFrom = (passed: readonly Passed[]) =>
  passed.filter(({ method, status }) => method === 'GET' && status < 300).reduce((sum, { bytes }) => sum + bytes, 0);

function report(what: string, passed: readonly Passed[], images: number): void {
  const counts = new Map<string, number>();
  for (const { method, status } of passed)
    counts.set(`${method} ${status}`, (counts.get(`${method} ${status}`) ?? 0) + 1);
  const read = readFrom(passed);
  const list = [...counts].sort().map(([answer, count]) => `${count} × ${answer}`);
  console.log(
    `s3: ${what}: ${passed.length} requests (${list.join(', ')}), ${(read / 1e6).toFixed(2)} MB read, ${(read / images).toFixed(3)} of the images' ${(images / 1e6).toFixed(2)} MB`,
  );
}

/** The file below a folder that contains a text. */
async function findSecret(folder: string, secret: string): Promise<string | undefined> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(file)).includes(secret)) return file;
  }
  return undefined;
}

const seconds = (begin: number) => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
