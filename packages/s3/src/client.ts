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
  /** Which answers are wanted. */
  readonly statuses: readonly number[];
  /** So many bytes at most. */
  readonly most?: number;
}

/** How long something is tried, in milliseconds. */
export interface Patience {
  /** For an answer, or the next piece of it. */
  readonly silence: number;
  /** From the first attempt on: no further one begins later. */
  readonly whole: number;
  /** What is waited at most after the first attempt that failed; twice as long after each further one, up to `longest`. */
  readonly first: number;
  readonly longest: number;
}

/** Five minutes: longer than servers take to be started again. */
export const patience: Patience = { silence: 30_000, whole: 300_000, first: 200, longest: 20_000 };

/** A server that sends more than this as one answer is no S3. */
const mostBytes = 2 ** 31;

/** An answer, and at which attempt it came. */
export interface Answered extends Answer {
  readonly attempts: number;
}

/** Something that passes: it is tried again. */
class Passing extends Error {
  readonly waitAtLeast: number;

  constructor(message: string, waitAtLeast = 0) {
    super(message);
    this.waitAtLeast = waitAtLeast;
  }
}

/** Asks a bucket. Every request is signed by the credentials that the environment has at that time, and sent to one host alone. */
export class BucketClient {
  readonly bucket: string;
  readonly #env: Environment;
  readonly #patience: Patience;
  /** By how much the server's clock is ahead, in milliseconds, once it has refused a signature for that. */
  #ahead = 0;

  constructor(bucket: string, env: Environment = process.env, limits: Patience = patience) {
    this.bucket = bucket;
    this.#env = env;
    this.#patience = limits;
  }

  /** What tells buckets of one name apart. */
  get place(): string {
    return endpointOf(this.bucket, this.#env).base;
  }

  get isOffline(): boolean {
    return isOffline(this.#env);
  }

  /**
   * The answer to a question, asked again while what goes wrong passes.
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
        // Drawn from all of the span, so that many workers do not come back at once.
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
      // A redirection would take the signature to another host.
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
    // A blank is %20 in what is signed, and + in what URLSearchParams writes.
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

/** All of an answer, which must be as long as it says. */
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

/** What fetch throws may name an address; its cause has the system's code. */
function causeOf(error: unknown): string {
  const { cause, message = '' } = (error ?? {}) as {
    readonly cause?: { readonly code?: unknown };
    readonly message?: string;
  };
  return typeof cause?.code === 'string' ? cause.code : message.split(/\bhttps?:/)[0]!.slice(0, 80);
}
