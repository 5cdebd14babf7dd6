import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadDetector, type Verdict } from '@farout/deploy';
import { problems, serve, type LogEvent, type Service } from '../src/index.ts';
import { writeDetector } from './detector-file.ts';
import { black, plain } from './images.ts';
import { ask, form } from './requests.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-serve-'));
const model = writeDetector(folder);
const events: LogEvent[] = [];
let service: Service;
let port: number;

beforeAll(async () => {
  const log = (event: LogEvent) => void events.push(event);
  service = await serve({ model, port: 0, workers: 1, allowHosts: ['OOD.example'], log });
  port = Number(new URL(service.address).port);
}, 120_000);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
}, 120_000);

const images = [20, 90, 130, 250].map((grey) => plain(30, 20, [grey, grey, 255 - grey]));
const score = (body: Uint8Array) => ask(port, { body, headers: { 'content-type': 'application/octet-stream' } });
const isReady = async (at: number) => (await ask(at, { method: 'GET', path: '/readyz' })).status === 200;
const get = (route: string, headers = {}) => ask(port, { method: 'GET', path: route, headers });
const infer = (document: object) =>
  ask(port, {
    path: '/v2/models/brightness/versions/1/infer',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(document),
  });

/** What the detector itself says, without the service. */
async function verdicts(): Promise<Verdict[]> {
  const detector = await loadDetector(model, { apart: false });
  try {
    const all: Verdict[] = [];
    for (const image of images) all.push(await detector.score(image));
    return all;
  } finally {
    await detector.close();
  }
}

describe('a served detector', () => {
  it('says of an image what the detector says, alone and among others', async () => {
    const expected = await verdicts();
    const alone = await Promise.all(images.map(async (image) => JSON.parse((await score(image)).text) as Verdict));
    const together = await ask(port, form(images));
    const { results } = JSON.parse(together.text) as { results: (Verdict & { name: string })[] };
    expect(results.map(({ name }) => name)).toEqual(['0.png', '1.png', '2.png', '3.png']);
    for (const [at, { score: number, probability, ...rest }] of expected.entries())
      for (const answer of [alone[at]!, results[at]!]) {
        expect(answer).toMatchObject(rest);
        expect([answer.score, answer.probability].map(Math.fround)).toEqual([number, probability]);
      }
  });

  it('says which file of a form cannot be read', async () => {
    const { status, text } = await ask(port, form([images[0]!, Buffer.from('none')]));
    const { results } = JSON.parse(text) as { results: object[] };
    expect([status, results]).toEqual([
      200,
      [
        expect.objectContaining({ isInDistribution: false }),
        expect.objectContaining({ problem: expect.objectContaining({ code: 'OOD_IMAGE_UNREADABLE', status: 422 }) }),
      ],
    ]);
  });

  it('refuses a form with a part that is no file', async () => {
    const { headers } = form([]);
    const field = '--limit\r\nContent-Disposition: form-data; name="path"\r\n\r\n/etc/passwd\r\n--limit--\r\n';
    const strange = '--limit\r\nContent-Type: image/png\r\n\r\nxx\r\n';
    const mixed = Buffer.concat([Buffer.from(strange), form([images[0]!]).body]);
    for (const body of [field, mixed, '--limit--\r\n', 'no form'])
      expect((await ask(port, { headers, body })).status).toBe(400);
  });

  it('answers to hosts that are allowed, whatever the case, and on its health to all', async () => {
    expect((await get('/metrics', { host: 'ood.EXAMPLE:443' })).status).toBe(200);
    expect((await get('/metrics', { host: 'localhost.evil.example' })).status).toBe(421);
    expect((await get('/healthz', { host: '10.1.2.3:8080' })).status).toBe(200);
  });

  it('names the methods of a path', async () => {
    const { status, headers } = await ask(port, { method: 'PUT' });
    expect([status, headers.allow]).toEqual([405, 'POST']);
  });

  it('describes itself in OpenAPI by every path that it has', async () => {
    const { paths } = JSON.parse((await get('/openapi.json')).text) as {
      paths: Record<string, Record<string, unknown>>;
    };
    for (const [route, operations] of Object.entries(paths)) {
      const url = route.replace('{name}', 'brightness').replace('{version}', '1');
      for (const method of ['get', 'post']) {
        const { status } = await ask(port, { method: method.toUpperCase(), path: url });
        expect([route, method, status === 405]).toEqual([route, method, !(method in operations)]);
      }
    }
  });
});

describe("KServe's protocol", () => {
  it('describes the server and the model', async () => {
    expect(JSON.parse((await get('/v2')).text)).toEqual({
      name: 'farout',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: [],
    });
    const { inputs, outputs, versions } = JSON.parse((await get('/v2/models/brightness')).text) as Record<
      string,
      { name: string }[]
    >;
    expect([versions, inputs!.map(({ name }) => name)]).toEqual([['1'], ['image', 'rgb']]);
    expect(outputs!.map(({ name }) => name)).toContain('is_in_distribution');
    expect((await get('/v2/models/brightness/ready')).status).toBe(200);
    expect((await get('/v2/models/brightness/versions/2')).status).toBe(404);
  });

  it('takes files in base64, and gives the outputs that are asked for', async () => {
    const [, , expected] = await verdicts();
    const data = [Buffer.from(images[2]!).toString('base64')];
    const answer = await infer({
      id: 'a',
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], data }],
      outputs: [{ name: 'score' }, { name: 'label' }],
    });
    expect(JSON.parse(answer.text)).toEqual({
      ...{ model_name: 'brightness', model_version: '1', id: 'a' },
      outputs: [
        { name: 'score', datatype: 'FP32', shape: [1], data: [expect.closeTo(expected!.score, 3)] },
        { name: 'label', datatype: 'BYTES', shape: [1], data: [expected!.label] },
      ],
    });
  });

  it('takes pixels flat and nested, of the value that they have as a file', async () => {
    const flat = [0, 9, 200, 255, 90, 3].flatMap((value) => [value, value, value]);
    const nested = [[flat.slice(0, 9), flat.slice(9)].map((row) => [row.slice(0, 3), row.slice(3, 6), row.slice(6)])];
    const scoreOf = async (data: unknown) =>
      JSON.parse(
        (await infer({ inputs: [{ name: 'rgb', datatype: 'UINT8', shape: [1, 2, 3, 3], data }] })).text,
      ) as object;
    const answer = await scoreOf(flat);
    expect(answer).toMatchObject({ model_name: 'brightness' });
    expect(await scoreOf(nested)).toEqual(answer);
  });

  it('names the image that cannot be read', async () => {
    const data = [Buffer.from(images[0]!).toString('base64'), 'bm9uZQ=='];
    const { status, text } = await infer({ inputs: [{ name: 'image', datatype: 'BYTES', shape: [2], data }] });
    expect([status, JSON.parse(text)]).toEqual([
      422,
      expect.objectContaining({ error: expect.stringMatching(/^image 1: /) }),
    ]);
  });

  it.each([
    ['no base64', { name: 'image', datatype: 'BYTES', shape: [1], data: ['a*b='] }],
    ['another datatype', { name: 'image', datatype: 'UINT8', shape: [1], data: [1] }],
    ['another input', { name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 2, 3] }],
    ['another rank', { name: 'rgb', datatype: 'UINT8', shape: [1, 3], data: [1, 2, 3] }],
    ['no image', { name: 'image', datatype: 'BYTES', shape: [0], data: [] }],
    ['a negative size', { name: 'rgb', datatype: 'UINT8', shape: [-1, 1, 1, 3], data: [1, 2, 3] }],
  ])('refuses %s', async (_, input) => {
    expect((await infer({ inputs: [input] })).status).toBe(400);
  });
});

describe('the metrics of a service', () => {
  it('count verdicts, and place scores among those of ID images', async () => {
    const value = async (line: string) =>
      Number(new RegExp(`^${line.replace(/[{}"+]/g, '\\$&')} (.*)$`, 'm').exec((await get('/metrics')).text)?.[1]);
    const names = [
      'farout_images_total{verdict="ood"}',
      'farout_score_bucket{le="50"}',
      'farout_score_bucket{le="99"}',
    ];
    const before = await Promise.all(names.map(value));
    await score(plain(8, 8, [60, 60, 60]));
    const after = await Promise.all(names.map(value));
    // 60 lies between the two lowest of the ID scores 50, 99, 150, 200.
    expect(after.map((each, at) => each - before[at]!)).toEqual([1, 0, 1]);
    expect(await value('farout_threshold')).toBe(100);
    expect(await value('farout_promised_share')).toBe(0.25);
    expect(await value('farout_drift_evidence')).toBeGreaterThan(0);
  });
});

describe('a service', () => {
  it('does not start where its address is taken, or the file is no detector', async () => {
    await expect(serve({ model, port })).rejects.toMatchObject({ code: 'OOD_CANNOT_LISTEN' });
    const broken = path.join(folder, 'broken.onnx');
    writeFileSync(broken, readFileSync(model).subarray(0, 200));
    await expect(serve({ model: broken, port: 0 })).rejects.toMatchObject({ code: 'OOD_DETECTOR_FILE_INVALID' });
  });

  it('answers all that is under way when it is told to end, and what comes meanwhile', async () => {
    const ending = await serve({ model, port: 0, workers: 1 });
    const own = Number(new URL(ending.address).port);
    const agent = new Agent({ keepAlive: true });
    const send = (body: Uint8Array) => ask(own, { body, headers: { 'content-type': 'image/png' }, agent });
    await send(images[0]!);
    const statuses: number[] = [];
    let connections = '';
    const client = (async () => {
      while (connections !== 'close') {
        const { status, headers } = await send(images[1]!);
        statuses.push(status);
        connections = String(headers.connection);
      }
    })();
    await wait(50);
    const closed = ending.close();
    await client;
    await closed;
    agent.destroy();
    expect(new Set(statuses)).toEqual(new Set([200]));
    await expect(send(images[0]!)).rejects.toThrow('ECONNREFUSED');
  }, 60_000);

  it('loses no image when something else ends all its workers, and refuses one that ended two', async () => {
    let isHunting = false;
    const kill = (pid: number) => process.kill(pid, 'SIGKILL');
    // A worker that begins takes the image that another one held; it dies while it decodes.
    const log = (event: LogEvent) =>
      void (isHunting && event.event === 'worker-ready' && setTimeout(() => kill(event.pid!), 50));
    const hunted = await serve({ model, port: 0, workers: 1, log });
    const own = Number(new URL(hunted.address).port);
    const whileKilled = async (side: number) => {
      while (hunted.workers().length < 2 || !(await isReady(own))) await wait(100);
      const answer = ask(own, { body: black(side, side), headers: { 'content-type': 'image/png' } });
      await wait(50);
      for (const pid of hunted.workers()) kill(pid);
      const { status, text } = await answer;
      return [status, (JSON.parse(text) as { code?: string }).code];
    };
    expect(await whileKilled(2_500)).toEqual([200, undefined]);
    isHunting = true;
    expect(await whileKilled(6_000)).toEqual([422, 'OOD_SERVE_IMAGE_FATAL']);
    isHunting = false;
    await hunted.close();
  }, 120_000);

  it('says what happens in its log, and nothing of requests', () => {
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['worker-ready', 'listening']));
  });

  it('has a section of docs/errors.md for every refusal', () => {
    const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const [, chapter = ''] = text.split('## The service refused a request\n');
    for (const [code, { status, meaning }] of Object.entries(problems))
      expect(chapter).toMatch(new RegExp(`^### ${code}.*\n\n${meaning}\n\n- Status: ${status}\n- Example: `, 'm'));
  });
});
