import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tokens, type DatasetImage, type ExtractionTask, type RawPixels, type RunResults } from '@farout/core';
import { withServices } from '../src/container.ts';
import { executeTask } from '../src/extraction/execute-task.ts';
import { findResults, runExperiment } from '../src/run-experiment.ts';
import { png } from './fixtures/png.ts';
import { CountingProgress, detector, firstFeature, silent, temporaryFolder, tinyExperiment } from './fixtures/tiny.ts';

const [count, height, width] = [5, 9, 13];

/** Of another size than the network takes, so that they are resized and cropped. */
const pixelsOf = (seed: number): RawPixels => ({
  data: Uint8Array.from({ length: height * width * 3 }, (_, i) => (seed * 71 + i * i * 7 + (i % 3) * 40) % 256),
  shape: [height, width, 3],
});

let folder: string;
let server: Server;
let url: string;
let asked: number;
let broken: boolean;
let kinds: Record<string, (seed: number) => object>;

beforeAll(async () => {
  folder = await temporaryFolder();
  const files = Array.from({ length: count }, (_, seed) => png(width, height, pixelsOf(seed).data));
  await Promise.all(files.map((bytes, seed) => writeFile(path.join(folder, `${seed}.png`), bytes)));
  // As a tar file has them: a header of 512 bytes before each, zeros up to a whole block behind.
  const shard = path.join(folder, 'shard.tar');
  const stretches: { offset: number; length: number }[] = [];
  for (const bytes of files) {
    const padding = Buffer.alloc(512 - (bytes.length % 512));
    await appendFile(shard, Buffer.concat([Buffer.alloc(512, 'header'), bytes, padding]));
    stretches.push({ offset: (await stat(shard)).size - padding.length - bytes.length, length: bytes.length });
  }
  const whole = await readFile(shard);
  server = createServer(({ url: path, headers }, response) => {
    asked++;
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (broken) response.end('<html>the net is down</html>');
    else if (path !== '/shard.tar') response.end(files[Number(path![1])]);
    else if (first !== undefined) {
      response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${whole.length}` });
      response.end(whole.subarray(Number(first), Number(last) + 1));
    } else response.writeHead(500).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  [asked, broken] = [0, false];
  kinds = {
    files: (seed) => ({ path: path.join(folder, `${seed}.png`) }),
    stretches: (seed) => ({ path: shard, ...stretches[seed]! }),
    addresses: (seed) => ({ url: `${url}/${seed}.png`, version: `release 1, ${seed}` }),
    'stretches of an address': (seed) => ({ url: `${url}/shard.tar`, version: 'release 1', ...stretches[seed]! }),
    pixels: (seed) => ({ pixels: pixelsOf(seed) }),
    'pixels that are read': (seed) => ({ version: `${seed}`, read: () => Promise.resolve(pixelsOf(seed)) }),
  };
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const imagesOf = (kind: string): DatasetImage[] =>
  Array.from({ length: count }, (_, seed) => ({ id: `${seed}`, ...kinds[kind]!(seed) }) as DatasetImage);

interface Ran {
  readonly results: RunResults;
  /** The scores of the images in their order, as scores.csv has them. */
  readonly scores: readonly string[];
  readonly report: string;
}

/** Compares images of a kind with others. */
async function ran(inside: readonly DatasetImage[], store: string, services = new Map()): Promise<Ran> {
  const out = path.join(folder, `run ${Math.random()}`);
  const outside = Array.from({ length: 3 }, (_, i) => ({ id: `o${i}`, pixels: pixelsOf(50 + i) }));
  const experiment = {
    ...tinyExperiment({ id: inside, ood: outside, detectors: [detector('First', firstFeature)] }, store),
    services,
    resolved: { name: 'tiny', plugins: [], datasets: { inside: { list: {} } } },
  };
  const progress = new CountingProgress();
  const { results } = await runExperiment(experiment, { out, reporters: [], logger: silent, progress });
  const lines = (await readFile(path.join(out, 'scores.csv'), 'utf8')).split('\n');
  const scores = lines.filter((line) => line.startsWith('inside,')).map((line) => line.split(',').at(-1)!);
  return { results, scores, report: await readFile(path.join(out, 'report-data.json'), 'utf8') };
}

const storeOf = (name: string) => path.join(folder, 'stores', name);

describe('an image', () => {
  it.each(['stretches', 'addresses', 'stretches of an address', 'pixels', 'pixels that are read'])(
    'has the same features to the last bit whether it is one of files or of %s',
    async (kind) => {
      const { scores } = await ran(imagesOf('files'), storeOf('files'));
      const first = await ran(imagesOf(kind), storeOf(kind));
      expect(scores).toHaveLength(count);
      expect(first.scores).toEqual(scores);
      expect(first.results.imagesRead).toBe(count + 3);
      expect(first.report).not.toContain('noThumbnail');
      asked = 0;
      const second = await ran(imagesOf(kind), storeOf(kind));
      expect([second.results.imagesRead, second.scores, asked]).toEqual([0, scores, 0]);
    },
  );

  it('keeps its group up to its scores, also where another cannot be read', async () => {
    const listed = imagesOf('files').map((image, at) => ({ ...image, group: `source ${at % 2}` }));
    listed[1] = { ...listed[1]!, path: path.join(folder, 'absent.png') } as (typeof listed)[number];
    const parts = { id: listed, ood: imagesOf('pixels'), detectors: [detector('First', firstFeature)] };
    const experiment = tinyExperiment(parts, storeOf('groups'));
    const options = { logger: silent, progress: new CountingProgress() };
    const found = await withServices(experiment, options, (...services) => findResults(experiment, ...services));
    const groupsOf = (name: string) => found.scores.get(name)!.images.map(({ group }) => group);
    expect(groupsOf('inside')).toEqual(['source 0', 'source 0', 'source 1', 'source 0']);
    expect(groupsOf('outside')).toEqual(Array(count).fill(undefined));
  });

  it('is known by its content whichever way it comes, but for pixels', async () => {
    const store = storeOf('all');
    await ran(imagesOf('files'), store);
    expect((await ran(imagesOf('stretches'), store)).results.imagesRead).toBe(0);
    await ran(imagesOf('pixels'), store);
    expect((await ran(imagesOf('pixels that are read'), store)).results.overlaps).toEqual([]);
  });

  it('is found twice in a set where two stretches hold the same, and in two sets', async () => {
    const [image] = imagesOf('stretches') as [DatasetImage];
    const { results } = await ran([...imagesOf('files'), { ...image, id: 'again' }], storeOf('twice'));
    expect(results.duplicates).toEqual([{ dataset: 'inside', images: 1, example: 'again' }]);
    const both = await ran([...imagesOf('files'), { id: 'p', pixels: pixelsOf(51) }], storeOf('twice'));
    expect(both.results.overlaps).toMatchObject([{ images: 1, example: 'p' }]);
  });

  it('is read another day where the net gave something else in its place', async () => {
    const store = storeOf('down');
    const listed = [...imagesOf('files'), { id: 'far', url: `${url}/2.png`, version: '2' }];
    broken = true;
    const down = await ran(listed, store);
    broken = false;
    expect(down.results.datasets.inside!.unreadable).toMatchObject([{ image: 'far' }]);
    const up = await ran(listed, store);
    expect(up.results.datasets.inside!.unreadable).toEqual([]);
    expect(up.scores.at(-1)).toBe(up.scores[2]);
  });

  it.each(['stretches', 'stretches of an address', 'addresses'])(
    'comes to an executor with where it lies, as one of %s',
    async (kind) => {
      const tasks: ExtractionTask[] = [];
      const executor = {
        run: async (given: readonly ExtractionTask[]) => {
          // Through text, as a queue would carry it.
          const sent = JSON.parse(JSON.stringify(given)) as ExtractionTask[];
          tasks.push(...sent.filter(({ dataset }) => dataset === 'inside'));
          return Promise.all(
            sent.map((task) =>
              task.dataset === 'inside' ? executeTask(task, { builtIns: [] }) : Promise.resolve({ read: 0, left: [] }),
            ),
          );
        },
      };
      const services = new Map([[tokens.executor, () => executor]]);
      const elsewhere = await ran(imagesOf(kind), storeOf(`executed ${kind}`), services);
      expect(elsewhere.scores).toEqual((await ran(imagesOf('files'), storeOf('files'))).scores);
      expect(tasks[0]!.images).toEqual(imagesOf(kind).map((image, row) => ({ row, ...image })));
    },
  );
});
