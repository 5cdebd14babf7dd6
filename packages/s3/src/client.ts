import { createHash, randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { FaroutError } from '@farout/core';
import { AwsV4Signer } from 'aws4fetch';
import { pathOfKey } from './address.ts';
import { refusalOf, type Answer, type Asked } from './answers.ts';
import { credentialsIn, endpointOf, isOffline, type Environment } from './environment.ts';

/** A request to a bucket. */
export interface Question {
  readonly method: 'GET' | 'PUT' | 'HEAD' | 'DELETE' | 'POST';
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The expected status codes. */
  readonly statuses: readonly number[];
  /** Limit for the bytes of the response. */
  readonly most?: number;
}

/** Timeouts and retry intervals, in ms. */
export interface Patience {
  /** Limit for silence before a response or its next piece. */
  readonly silence: number;
  /** Time after the first attempt after which no further attempt starts. */
  readonly whole: number;
  /** The maximum wait after the first failed attempt; doubled after each further one, up to `longest`. */
  readonly first: number;
  readonly longest: number;
}

/** Five minutes in total: longer than a server takes to restart. */
export const patience: Patience = { silence: 30_000, whole: 300_000, first: 200, longest: 20_000 };

/** No S3 server sends more than this in one response. */
const mostBytes = 2 ** 31;

/** A response, and the attempt that received it. */
export interface Answered extends Answer {
  readonly attempts: number;
}

/** A transient failure, which is retried. */
class Passing extends Error {
  readonly waitAtLeast: number;

  constructor(message: string, waitAtLeast = 0) {
    super(message);
    this.waitAtLeast = waitAtLeast;
  }
}

/** A client for a bucket. Every request is signed with the current credentials of the environment, and sent to one host only. */
export class BucketClient {
  readonly bucket: string;
  readonly #env: Environment;
  readonly #patience: Patience;
  /** How far the server's clock is ahead, in ms; known once the server has refused a signature for it. */
  #ahead = 0;

  constructor(bucket: string, env: Environment = process.env, limits: Patience = patience) {
    this.bucket = bucket;
    this.#env = env;
    this.#patience = limits;
  }

  /** Distinguishes buckets of the same name on different servers. */
  get place(): string {
    return endpointOf(this.bucket, this.#env).base;
  }

  get isOffline(): boolean {
    return isOffline(this.#env);
  }

  /**
   * Sends a request and returns the response. Retries transient failures.
   *
   * @throws FaroutError OOD_OFFLINE, OOD_STORAGE_REFUSED, OOD_CREDENTIALS_EXPIRED; OOD_STORAGE_FAILED when it does not answer for five minutes.
   */
  async ask(question: Question): Promise<Answered> {
    this.#refuseOffline(question);
    const { whole, first, longest } = this.#patience;
    const end = performance.now() + whole;
    for (let attempts = 1, most = first; ; attempts++, most = Math.min(longest, most * 2)) {
      try {
        return { ...(await this.#attempt(question)), attempts };
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        // Random over the whole span, so many workers do not retry at the same time.
        const pause = error.waitAtLeast + randomInt(1, most + 1);
        if (performance.now() + pause > end) throw this.#failed(question, error, attempts);
        await wait(pause);
      }
    }
  }

  async #attempt(question: Question): Promise<Answer> {
    const answer = await this.#send(question);
    if (question.statuses.includes(answer.status)) return answer;
    const refusal = refusalOf(answer, this.#asked(question));
    if (refusal.kind === 'final') throw refusal.error;
    if (refusal.kind === 'passing') throw new Passing(refusal.what, refusal.waitAtLeast);
    const ahead = refusal.time - Date.now();
    if (!Number.isFinite(ahead) || Math.abs(ahead - this.#ahead) < 1000)
      throw new FaroutError(
        'OOD_STORAGE_REFUSED',
        `the clocks of this machine and of s3://${this.bucket} differ too much`,
        {
          fix: 'Set the clock of this machine.',
        },
      );
    this.#ahead = ahead;
    throw new Passing('a different time from this machine');
  }

  async #send(question: Question): Promise<Answer> {
    const { url, headers } = await this.#signed(question);
    const stop = new AbortController();
    const silent = setTimeout(() => stop.abort(), this.#patience.silence);
    try {
      const { method, body } = question;
      // A redirect would send the signature to another host.
      const response = await fetch(url, {
        method,
        headers,
        redirect: 'manual',
        signal: stop.signal,
        ...(body && { body: body as Uint8Array<ArrayBuffer> }),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: await bodyOf(response, question, () => silent.refresh()),
      };
    } catch (error) {
      if (error instanceof Passing) throw error;
      throw new Passing(stop.signal.aborted ? 'silence' : causeOf(error));
    } finally {
      clearTimeout(silent);
      stop.abort();
    }
  }

  async #signed({
    method,
    key,
    query = {},
    headers = {},
    body,
  }: Question): Promise<{ readonly url: URL; readonly headers: Headers }> {
    const { region, base } = endpointOf(this.bucket, this.#env);
    const url = new URL(`${key === '' ? base.replace(/\/$/, '') : base}${pathOfKey(key)}`);
    // Signatures require %20 for a space; URLSearchParams writes +.
    url.search = Object.entries(query)
      .map((pair) => pair.map(encodeURIComponent).join('='))
      .join('&');
    const signer = new AwsV4Signer({
      ...credentialsIn(this.#env),
      ...{ method, url: url.href, service: 's3', region },
      headers: {
        ...headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      datetime: new Date(Date.now() + this.#ahead).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
    return signer.sign();
  }

  #asked({ method, key }: Question): Asked {
    const { region } = endpointOf(this.bucket, this.#env);
    return { method, bucket: this.bucket, key, region };
  }

  #refuseOffline({ key }: Question): void {
    if (!this.isOffline) return;
    throw new FaroutError(
      'OOD_OFFLINE',
      `s3://${this.bucket}/${key} was not requested: network access is turned off (FAROUT_OFFLINE)`,
      {
        fix: 'Remove --offline, or unset FAROUT_OFFLINE; or use folders on this machine.',
      },
    );
  }

  #failed({ method, key }: Question, { message }: Error, attempts: number): FaroutError {
    const { host } = endpointOf(this.bucket, this.#env);
    return new FaroutError(
      'OOD_STORAGE_FAILED',
      `${method} s3://${this.bucket}/${key}: ${host} did not answer in ${attempts} attempts, finally ${message}`,
      {
        fix: 'Run the same command when it answers again: it continues from what is stored.',
      },
    );
  }
}

/** Reads a whole response, which must have its declared length. */
async function bodyOf(response: Response, { method, most = mostBytes }: Question, alive: () => void): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const stream: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  for await (const piece of stream) {
    alive();
    bytes += piece.length;
    if (bytes > most) throw new Passing('more bytes than requested');
    pieces.push(piece);
  }
  const length = response.headers.get('content-length');
  if (method !== 'HEAD' && length !== null && Number(length) !== bytes) throw new Passing('a truncated answer');
  return Buffer.concat(pieces);
}

/** Errors of fetch may contain an address; their cause has the system error code. */
function causeOf(error: unknown): string {
  const { cause, message = '' } = (error ?? {}) as {
    readonly cause?: { readonly code?: unknown };
    readonly message?: string;
  };
  return typeof cause?.code === 'string' ? cause.code : message.split(/\bhttps?:/)[0]!.slice(0, 80);
}
