import { createRequire } from 'node:module';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Description, Verdict } from '@farout/deploy';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { BodyReader, imagesOf, type NamedBytes } from './bodies.ts';
import { mediaType, refusalOf } from './guards.ts';
import { inferenceResponse, modelMetadata, readInference } from './kserve.ts';
import { limits, patience, retryAfter } from './limits.ts';
import type { Log } from './log.ts';
import type { RequestImage } from './messages.ts';
import type { Metrics } from './metrics.ts';
import { numberOf } from './numbers.ts';
import { openapi } from './openapi.ts';
import type { Outcome, WorkerPool } from './pool.ts';
import { documentOf, Problem, problemType, type ProblemDocument } from './problems.ts';
import { readJson } from './read-json.ts';

/** The version of this package, shared by all packages of farout. */
const { version: farout } = createRequire(import.meta.url)('../package.json') as { version: string };

/** The parts of the service. */
export interface AppParts {
  readonly pool: Pick<WorkerPool, 'refusal' | 'score' | 'state'>;
  readonly metrics: Metrics;
  readonly description: Description;
  /** The name and version of the model in KServe's protocol. */
  readonly name: string;
  readonly version: string;
  /** Allowed hosts in addition to loopback, in lower case. */
  readonly allowed: readonly string[];
  readonly maxPixels: number;
  /** Whether the service is shutting down. */
  readonly isDraining: () => boolean;
  readonly log: Log;
}

/** The HTTP interface over a pool of workers: routes, refusals, limits. */
export function appOf(parts: AppParts): FastifyInstance {
  const app = fastify({
    logger: false,
    routerOptions: { ignoreTrailingSlash: true },
    bodyLimit: limits.requestBytes,
    requestTimeout: patience.request,
    connectionTimeout: patience.connection,
    keepAliveTimeout: patience.idle,
    // Requests that come while the service drains are answered, and their connections closed.
    return503OnClosing: false,
    http: { headersTimeout: patience.headers, connectionsCheckingInterval: patience.check },
    clientErrorHandler: (error, socket) => refuseUnread(error, socket, parts),
  });
  app.server.maxConnections = limits.connections;
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    taken.set(url, new Set([...(taken.get(url) ?? []), ...[method].flat()]));
  });
  refusals(app, parts);
  bodies(app);
  const scorer = new Scorer(parts);
  ofService(app, parts);
  ofScores(app, scorer);
  ofKServe(app, parts, scorer);
  otherMethods(app, new Map(taken));
  return app;
}

/** Makes every refusal a problem document, whatever its source. */
function refusals(app: FastifyInstance, { allowed, isDraining, metrics, log }: AppParts): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    if (isDraining()) void reply.header('connection', 'close');
    const { method, headers, routeOptions } = request;
    done(refusalOf({ method, route: routeOptions.url, headers }, allowed));
  });
  app.setNotFoundHandler((_, reply) => {
    refuse(reply, new Problem('OOD_SERVE_NOT_FOUND', 'nothing is served at this path'), metrics);
  });
  app.setErrorHandler((error, _, reply) => {
    refuse(reply, problemOf(error, log), metrics);
  });
}

/** Answers other methods of an existing path with the allowed methods. */
function otherMethods(app: FastifyInstance, taken: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of taken)
    app.route({
      url,
      method: (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const).filter(
        (each) => !methods.has(each),
      ),
      handler: (_, reply) => {
        const allow = [...methods].join(', ');
        void reply.header('allow', allow);
        throw new Problem('OOD_SERVE_METHOD', `this path allows only ${allow}`);
      },
    });
}

/** Converts a thrown error to a refusal. */
function problemOf(error: unknown, log: Log): Problem {
  if (error instanceof Problem) return error;
  const { statusCode, code, message, stack } = error as Error & { statusCode?: number; code?: string };
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return new Problem('OOD_SERVE_REQUEST', 'the request was cut off', error);
  if (statusCode === 415) return new Problem('OOD_SERVE_TYPE', message, error);
  if (statusCode !== undefined && statusCode < 500) return new Problem('OOD_SERVE_REQUEST', message, error);
  log({ event: 'fault', message, stack });
  return new Problem('OOD_SERVE_FAULT', 'the service failed; its log says more', error);
}

function refuse(reply: FastifyReply, problem: Problem, metrics: Metrics): void {
  metrics.refused(problem.code);
  if (problem.status === 503) void reply.header('retry-after', retryAfter);
  void reply
    .code(problem.status)
    .type(problemType)
    .send(JSON.stringify(documentOf(problem)));
}

/** Answers requests that Node could not parse or that timed out; there is no reply object to use. */
function refuseUnread(error: NodeJS.ErrnoException, socket: Socket, { metrics }: AppParts): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = unread(error.code);
  metrics.refused(problem.code);
  const body = JSON.stringify(documentOf(problem));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]!}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  // Node has stopped reading, so further data from the client is not awaited.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function unread(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('OOD_SERVE_TIMEOUT', 'the request did not arrive in time');
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem('OOD_SERVE_HEADERS', 'the headers are too long');
  return new Problem('OOD_SERVE_REQUEST', 'this is not an HTTP request');
}

/** Leaves bodies unread until a route requests them, so a refusal by the head reads nothing. */
function bodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_, payload, done) => done(null, payload));
}

function ofService(app: FastifyInstance, { pool, metrics, description, isDraining }: AppParts): void {
  const isReady = () => !isDraining() && pool.state.ready > 0;
  const readiness = (_: FastifyRequest, reply: FastifyReply, body: object) => {
    if (!isReady())
      throw new Problem('OOD_SERVE_NOT_READY', isDraining() ? 'the service is shutting down' : 'no worker is ready');
    return reply.send(body);
  };
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (request, reply) => readiness(request, reply, { status: 'ready' }));
  app.get('/v2/health/live', () => ({ live: true }));
  app.get('/v2/health/ready', (request, reply) => readiness(request, reply, { ready: true }));
  app.get('/metrics', async (_, reply) => {
    const { body, type } = await metrics.text();
    return reply.type(type).send(body);
  });
  const document = JSON.stringify(openapi(description));
  app.get('/openapi.json', (_, reply) => reply.type('application/json').send(document));
}

/** The JSON of a verdict. */
const verdictJson = ({ score, probability, ...verdict }: Verdict) => ({
  score: numberOf(score),
  probability: numberOf(probability),
  ...verdict,
});

function ofScores(app: FastifyInstance, scorer: Scorer): void {
  app.post('/score', async (request, reply) => {
    const type = request.headers['content-type'] ?? '';
    await scorer.answer(request, reply, async (bytes) => {
      const images = await imagesOf(bytes, type);
      return { images: images.map((image) => image.bytes), answer: (outcomes) => answerOf(images, outcomes, type) };
    });
  });
}

/** For one image, its verdict; for a form, a list of verdicts and problems in file order. */
function answerOf(images: readonly NamedBytes[], outcomes: readonly Outcome[], type: string): object {
  const problems = outcomes.flatMap((outcome) => problemIn(outcome) ?? []);
  if (problems.length === outcomes.length) throw problems[0]!;
  if (mediaType(type) !== 'multipart/form-data') return verdictJson((outcomes[0] as { verdict: Verdict }).verdict);
  const results = outcomes.map((outcome, at) => {
    const { name } = images[at]!;
    const problem = problemIn(outcome);
    const said: object | { problem: ProblemDocument } = problem
      ? { problem: documentOf(problem) }
      : verdictJson((outcome as { verdict: Verdict }).verdict);
    return { ...(name !== undefined && { name }), ...said };
  });
  return { results };
}

function problemIn(outcome: Outcome): Problem | undefined {
  if ('problem' in outcome) return outcome.problem;
  return 'unreadable' in outcome ? new Problem('OOD_IMAGE_UNREADABLE', outcome.unreadable) : undefined;
}

function ofKServe(app: FastifyInstance, parts: AppParts, scorer: Scorer): void {
  const { name, version, description, maxPixels } = parts;
  const checkModel = (request: FastifyRequest) => {
    const asked = request.params as { name: string; version?: string };
    if (asked.name !== name) throw new Problem('OOD_SERVE_NOT_FOUND', `there is no such model: "${name}" is served`);
    if (asked.version !== undefined && asked.version !== version)
      throw new Problem('OOD_SERVE_NOT_FOUND', `there is no such version: "${version}" is served`);
  };
  app.get('/v2', () => ({ name: 'farout', version: farout, extensions: [] }));
  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    app.get(path, (request) => {
      checkModel(request);
      return modelMetadata(name, version, description);
    });
    app.get(`${path}/ready`, (request) => {
      checkModel(request);
      if (parts.isDraining() || parts.pool.state.ready === 0)
        throw new Problem('OOD_SERVE_NOT_READY', 'no worker is ready');
      return { name, ready: true };
    });
    app.post(`${path}/infer`, async (request, reply) => {
      checkModel(request);
      if (mediaType(request.headers['content-type'] ?? '') !== 'application/json')
        throw new Problem('OOD_SERVE_TYPE', 'send application/json');
      await scorer.answer(request, reply, (bytes) => {
        const inference = readInference(readJson(bytes), description, maxPixels);
        const answer = (outcomes: readonly Outcome[]) =>
          inferenceResponse(inference, outcomes.map(verdictIn), { name, version, description });
        return { images: inference.images, answer };
      });
    });
  }
}

/** A tensor cannot represent an image without a verdict, so one failed image refuses the request. */
function verdictIn(outcome: Outcome, at: number): Verdict {
  const problem = problemIn(outcome);
  if (!problem) return (outcome as { verdict: Verdict }).verdict;
  throw new Problem(problem.code, `image ${at}: ${problem.message}`);
}

/** Reads a body, scores its images and answers. */
class Scorer {
  readonly #parts: AppParts;
  readonly #reader = new BodyReader();

  constructor(parts: AppParts) {
    this.#parts = parts;
  }

  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    read: (bytes: Uint8Array) => Asked | Promise<Asked>,
  ): Promise<void> {
    const { pool, metrics } = this.#parts;
    // A full queue reads no body.
    const refusal = pool.refusal(1);
    if (refusal) throw refusal;
    // A request without a body has none to read.
    const { bytes, release } = await this.#reader.read((request.body as Readable | undefined) ?? Readable.from([]));
    try {
      const since = performance.now();
      const { images, answer } = await read(bytes);
      const body = answer(await this.#scored(images, reply.raw));
      metrics.answered((performance.now() - since) / 1000);
      await reply.type('application/json').send(JSON.stringify(body));
    } finally {
      release();
    }
  }

  async #scored(images: readonly RequestImage[], response: ServerResponse): Promise<Outcome[]> {
    const { pool, metrics } = this.#parts;
    const { outcomes, drop } = pool.score(images);
    response.once('close', drop);
    const all = await outcomes;
    response.off('close', drop);
    for (const outcome of all) {
      if ('verdict' in outcome) metrics.judged(outcome.verdict);
      else if ('unreadable' in outcome) metrics.unreadable();
    }
    return all;
  }
}

/** What a request asks for. */
interface Asked {
  readonly images: readonly RequestImage[];
  readonly answer: (outcomes: readonly Outcome[]) => object;
}
