import { Agent, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { black, plain } from './images.ts';
import { announced, ask, form, rawStatus } from './requests.ts';

/** What is attacked. */
export interface Target {
  readonly port: number;
  readonly model: string;
  /** Process ids of its workers. */
  readonly workers: () => number[];
}

/** How much of everything: as much as a test has time for, or all. */
export interface Force {
  /** Sides of pictures that are large, but legal. */
  readonly largeSide: number;
  readonly idleConnections: number;
  readonly clients: number;
  readonly requestsOfClient: number;
}
export const light: Force = { largeSide: 3_000, idleConnections: 100, clients: 64, requestsOfClient: 2 };
export const full: Force = { largeSide: 7_000, idleConnections: 1_000, clients: 256, requestsOfClient: 40 };

/** An attack, and what the documentation says that comes of it. */
export interface Attack {
  readonly name: string;
  /** The statuses that are documented; 0 is a connection that was closed without an answer. */
  readonly allowed: readonly number[];
  readonly run: (target: Target, force: Force) => Promise<readonly number[]>;
}

const jpegType = { 'content-type': 'image/jpeg' };

/** The status of an image's answer. */
const imageStatus = async ({ port }: Target, body: Uint8Array | string, headers: OutgoingHttpHeaders = jpegType) => [
  (await ask(port, { body, headers })).status,
];

const inferStatus = async ({ port, model }: Target, document: unknown) => [
  (
    await ask(port, {
      path: `/v2/models/${model}/infer`,
      headers: { 'content-type': 'application/json' },
      body: typeof document === 'string' ? document : JSON.stringify(document),
    })
  ).status,
];
const pixelsOf = (shape: readonly number[], data: unknown) => ({
  inputs: [{ name: 'rgb', datatype: 'UINT8', shape, data }],
});

/** Ends every worker that is there, again and again, while a picture is scored. */
async function whileKilled(target: Target, times: number, body: Uint8Array): Promise<readonly number[]> {
  const answer = ask(target.port, { body, headers: jpegType });
  for (let time = 0; time < times; time++) {
    await wait(20);
    for (const pid of target.workers()) kill(pid);
  }
  return [(await answer).status];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just gone.
  }
}

const small = plain(8, 8, [120, 120, 120]);
const mebibyte = 2 ** 20;

/** Twenty-four ways to hurt a service. */
export const attacks: readonly Attack[] = [
  { name: 'garbage', allowed: [422], run: (target) => imageStatus(target, 'no image at all') },
  { name: 'an empty body', allowed: [422], run: (target) => imageStatus(target, '') },
  {
    name: 'a truncated image',
    allowed: [422],
    run: (target) => imageStatus(target, plain(64, 64, [9, 9, 9]).subarray(0, 900)),
  },
  {
    name: 'SVG',
    allowed: [422],
    run: (target) =>
      imageStatus(target, '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
  },
  { name: 'a path instead of an image', allowed: [422], run: (target) => imageStatus(target, '/etc/passwd') },
  {
    name: '200 MB by Content-Length',
    allowed: [413],
    run: async ({ port }) => [await announced(port, '/score', { ...jpegType, 'content-length': 200e6 })],
  },
  {
    name: '200 MB as a form',
    allowed: [413],
    run: async ({ port }) => [
      await announced(port, '/score', { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 200e6 }),
    ],
  },
  {
    name: 'a form with a file of 17 MiB',
    allowed: [413],
    run: async ({ port }) => [(await ask(port, form([Buffer.alloc(17 * mebibyte)]))).status],
  },
  {
    name: 'a form with 65 files',
    allowed: [413],
    run: async ({ port }) => [(await ask(port, form(Array.from({ length: 65 }, () => small)))).status],
  },
  { name: 'a PNG of 169 megapixels', allowed: [422], run: (target) => imageStatus(target, black(13_000, 13_000)) },
  {
    name: 'ten large valid images at once',
    allowed: [200, 503],
    run: async (target, { largeSide }) => {
      const picture = black(largeSide, largeSide);
      return (await Promise.all(Array.from({ length: 10 }, () => imageStatus(target, picture)))).flat();
    },
  },
  {
    name: 'slow headers',
    allowed: [408],
    run: async ({ port }) => [
      await rawStatus(port, 'POST /score HTTP/1.1\r\nHost: localhost\r\n', { piece: 'X: y\r\n', each: 1_000 }),
    ],
  },
  {
    name: 'a slow body',
    allowed: [408],
    run: async ({ port }) => [
      await rawStatus(
        port,
        'POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 9999\r\n\r\n',
        { piece: 'x', each: 500 },
      ),
    ],
  },
  {
    name: 'many idle connections',
    allowed: [200, 0, 408],
    run: async ({ port }, { idleConnections }) => {
      const idle = Array.from({ length: idleConnections }, () => rawStatus(port, '', undefined));
      const health = await ask(port, { method: 'GET', path: '/healthz' });
      return [health.status, ...(await Promise.all(idle))];
    },
  },
  {
    name: 'an aborted upload',
    allowed: [0],
    run: async ({ port }) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(
        'POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 9999\r\n\r\nxx',
      );
      await wait(50);
      socket.destroy();
      return [0];
    },
  },
  {
    name: 'a wrong type',
    allowed: [415],
    run: (target) => imageStatus(target, small, { 'content-type': 'application/x-www-form-urlencoded' }),
  },
  {
    name: 'a wrong Host',
    allowed: [421],
    run: (target) => imageStatus(target, small, { ...jpegType, host: 'rebound.example' }),
  },
  {
    name: 'a foreign Origin',
    allowed: [403],
    run: (target) => imageStatus(target, small, { ...jpegType, origin: 'https://evil.example' }),
  },
  {
    name: 'a body in gzip',
    allowed: [415],
    run: (target) => imageStatus(target, gzipSync(small), { ...jpegType, 'content-encoding': 'gzip' }),
  },
  {
    name: 'a chunked form',
    allowed: [411],
    run: async ({ port }) => [
      await rawStatus(
        port,
        'POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
        undefined,
      ),
    ],
  },
  {
    name: 'tensors with false shapes',
    allowed: [400, 413, 422],
    run: async (target) => [
      ...(await inferStatus(target, pixelsOf([1, 4, 4, 3], [1, 2, 3]))),
      ...(await inferStatus(target, pixelsOf([2 ** 52, 2 ** 52, 2 ** 52, 3], [1]))),
      ...(await inferStatus(target, pixelsOf([1, 40_000, 40_000, 3], [1]))),
      ...(await inferStatus(target, pixelsOf([1, 1, 1, 3], [[[1, 2, 3]]]))),
      ...(await inferStatus(target, pixelsOf([1, 1, 1, 3], [1, 2, 300]))),
    ],
  },
  {
    name: 'JSON that would exhaust memory',
    allowed: [400, 413],
    run: async (target) => [
      ...(await inferStatus(target, '['.repeat(mebibyte))),
      ...(await inferStatus(target, `[${'0,'.repeat(5 * mebibyte)}0]`)),
    ],
  },
  {
    name: 'killed workers',
    allowed: [200, 422, 503],
    run: async (target, { largeSide }) => [
      ...(await whileKilled(target, 1, small)),
      ...(await whileKilled(target, 40, black(largeSide, largeSide))),
    ],
  },
  {
    name: 'many clients in a tight loop',
    allowed: [200, 503],
    run: async ({ port }, { clients, requestsOfClient }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: clients });
      const statuses: number[] = [];
      const client = async () => {
        for (let at = 0; at < requestsOfClient; at++)
          statuses.push((await ask(port, { body: small, headers: jpegType, agent })).status);
      };
      await Promise.all(Array.from({ length: clients }, client));
      agent.destroy();
      return statuses;
    },
  },
];
