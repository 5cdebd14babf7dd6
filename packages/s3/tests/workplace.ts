import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { FaroutError } from '@farout/core';
import { S3Server } from '../../../tools/s3-server.ts';
import { Cache } from '../src/cache.ts';
import { BucketClient } from '../src/client.ts';
import { S3Storage } from '../src/storage.ts';

/** As little as tests wait. */
export const quick = { silence: 300, whole: 2000, first: 2, longest: 10 };

/** A server and a cache folder for the tests of a file, empty for each. */
export class Workplace {
  server!: S3Server;
  cacheFolder = '';
  readonly #before = process.env.FAROUT_CACHE;

  constructor() {
    beforeAll(async () => {
      this.server = await S3Server.start();
    });
    afterAll(() => this.server.stop());
    beforeEach(() => {
      this.server.entries.clear();
      this.server.seen.length = this.server.faults.length = this.server.ahead = 0;
      this.server.page = 1000;
      this.cacheFolder = mkdtempSync(path.join(tmpdir(), 'farout-s3-'));
      process.env.FAROUT_CACHE = this.cacheFolder;
    });
    afterEach(() => {
      rmSync(this.cacheFolder, { recursive: true, force: true });
      if (this.#before === undefined) delete process.env.FAROUT_CACHE;
      else process.env.FAROUT_CACHE = this.#before;
    });
  }

  /** What lies below `store/` of a bucket, as it is seen with these variables. */
  readonly open = (env: Record<string, string | undefined> = {}, limits = quick): S3Storage => {
    const all = { ...this.server.env, ...env };
    return new S3Storage({ prefix: 'store/' }, new BucketClient('bucket', all, limits), new Cache(all));
  };
}

export const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
export const bytes = (content: string) => Buffer.from(content);
/** A key that is the SHA-256 of the content. */
export const named = (content: string) => `${createHash('sha256').update(content).digest('hex')}.npy`;
/** What a promise is rejected with. */
export const caught = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as FaroutError,
  );
export const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile());
