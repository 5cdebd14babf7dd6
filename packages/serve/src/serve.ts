import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Server, type AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FaroutError } from '@farout/core';
import { readDescription, type Description } from '@farout/deploy/load';
import type { FastifyInstance } from 'fastify';
import { appOf } from './app.ts';
import { watcherOf } from './drift.ts';
import { limits, patience } from './limits.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { WorkerPool } from './pool.ts';

/** How to start a service. */
export interface ServeRequest {
  /** The path of a file written by `farout export`. */
  readonly model: string;
  /** The address to listen on; default: 127.0.0.1. */
  readonly host?: string;
  /** The port; 0 chooses a free one. Default: 8080. */
  readonly port?: number;
  /** Worker processes in addition to the spare one; default: one per core, at most 8. */
  readonly workers?: number;
  /** Accepted values of the Host header in addition to loopback, with or without a port. */
  readonly allowHosts?: readonly string[];
  /** Images with more pixels are refused; default: 50,000,000. */
  readonly maxPixels?: number;
  readonly log?: Log;
}

/** A running service. */
export interface Service {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
  readonly description: Description;
  /** The process ids of its workers. */
  readonly workers: () => number[];
  /**
   * Stops the service: accepts no more connections, answers requests in progress, then ends the workers.
   */
  readonly close: () => Promise<void>;
}

/** Default limit: more processes would mostly use memory. */
const mostWorkers = 8;

/** A model has one version: the file. */
const version = '1';

/**
 * Serves a detector over HTTP until it is closed.
 *
 * @throws FaroutError OOD_MISSING_FILE, OOD_DETECTOR_FILE_INVALID; OOD_CANNOT_LISTEN when the address is in use or not an address of this machine.
 */
export async function serve(request: ServeRequest): Promise<Service> {
  const { model, host = '127.0.0.1', port = 8080, allowHosts = [], maxPixels = limits.pixels } = request;
  const { workers = Math.min(availableParallelism(), mostWorkers), log = () => undefined } = request;
  const description = await readDescription(model);
  const setup = {
    model: path.resolve(model),
    content: await hashOf(model),
    maxPixels,
    largePixels: limits.largePixels,
  };
  const pool = new WorkerPool(setup, workers, log);
  const state = { isDraining: false };
  const app = appOf({
    ...{ pool, description, version, maxPixels, log },
    metrics: new Metrics(description, () => pool.state, watcherOf(description, log)),
    name: nameOf(model),
    allowed: allowHosts.map((each) => each.toLowerCase()),
    isDraining: () => state.isDraining,
  });
  try {
    await listen(app, host, port);
    await opened(pool, model);
  } catch (error) {
    pool.close();
    await app.close();
    throw error;
  }
  const address = addressOf(app);
  log({ event: 'listening', address, model: nameOf(model), workers });
  const close = once(async () => {
    state.isDraining = true;
    log({ event: 'draining' });
    await drained(app);
    pool.close();
    await app.close();
    log({ event: 'ended' });
  });
  return { address, description, workers: () => pool.pids, close };
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** The model name for KServe: the file name, if it can be part of a path. */
const nameOf = (model: string) => {
  const { name } = path.parse(model);
  return /^[\w.-]{1,100}$/.test(name) ? name : 'detector';
};

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new FaroutError(
      'OOD_CANNOT_LISTEN',
      `${host}:${port} is not available to listen on: ${(cause as Error).message}`,
      {
        fix: 'Choose another --port, or an address of this machine.',
        cause,
      },
    );
  }
}

async function opened(pool: WorkerPool, model: string): Promise<void> {
  try {
    await pool.open();
  } catch (cause) {
    throw new FaroutError('OOD_DETECTOR_FILE_INVALID', `no worker can open ${model}: ${(cause as Error).message}`, {
      fix: 'Export the detector again.',
      cause,
    });
  }
}

function addressOf(app: FastifyInstance): string {
  const { address, family, port } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Accepts no new connections, and waits until requests in progress are answered. Idle connections stay open until their idle timeout: a client may
 * just be sending a request, which would be lost.
 */
async function drained(app: FastifyInstance): Promise<void> {
  // Not the HTTP server's own close, which cuts idle connections at once.
  const closed = new Promise<void>((resolve) => Server.prototype.close.call(app.server, () => resolve()));
  await Promise.race([closed, wait(patience.drain)]);
}

const wait = (milliseconds: number) => new Promise<void>((resolve) => void setTimeout(resolve, milliseconds).unref());

function once(work: () => Promise<void>): () => Promise<void> {
  let under: Promise<void> | undefined;
  return () => (under ??= work());
}
