import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EntryGone, type FaroutError } from '@farout/core';
import { Cache } from '../src/cache.ts';
import { BucketClient } from '../src/client.ts';
import { S3Storage } from '../src/storage.ts';
import { fail, S3Server, secrets, times } from '../../../tools/s3-server.ts';

const quick = { silence: 300, whole: 2000, first: 2, longest: 10 };

let server: S3Server;
let cacheFolder: string;
const before = process.env.FAROUT_CACHE;

beforeAll(async () => {
  server = await S3Server.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.entries.clear();
  server.seen.length = server.faults.length = server.ahead = 0;
  server.page = 1000;
  cacheFolder = mkdtempSync(path.join(tmpdir(), 'farout-s3-'));
  process.env.FAROUT_CACHE = cacheFolder;
});
afterEach(() => {
  rmSync(cacheFolder, { recursive: true, force: true });
  if (before === undefined) delete process.env.FAROUT_CACHE;
  else process.env.FAROUT_CACHE = before;
});

const open = (env: Record<string, string | undefined> = {}, limits = quick) => {
  const all = { ...server.env, ...env };
  return new S3Storage({ prefix: 'store/' }, new BucketClient('bucket', all, limits), new Cache(all));
};
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
const bytes = (content: string) => Buffer.from(content);
const named = (content: string) => `${createHash('sha256').update(content).digest('hex')}.npy`;
const caught = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as FaroutError,
  );
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile());

describe('a storage on S3', () => {
  it.each(['a.json', 'with blank + plus/ä (1)!.json', "it's*~_-.json", 'percent%20.json', '日本/語.json', 'a//b'])(
    'reads what it wrote under %s, signed as S3 wants it',
    async (key) => {
      const storage = open();
      await storage.write(key, [bytes('one '), bytes('two')]);
      expect(text(server.entries.get(`bucket/store/${key}`)?.bytes)).toBe('one two');
      expect(text(await open({ FAROUT_S3_CACHE: '0' }).read(key))).toBe('one two');
      expect((await storage.list('')).entries.map((entry) => entry.key)).toEqual([key]);
    },
  );

  it('has nothing under a key that is not there', async () => {
    expect(await open().read('nothing')).toBeUndefined();
    expect(await open().readRange('nothing', 0, 5)).toBeUndefined();
  });

  it('gives a stretch, shorter where the entry ends, and nothing behind it', async () => {
    server.put('bucket/store/a', '0123456789');
    expect(text(await open().readRange('a', 2, 3))).toBe('234');
    expect(text(await open().readRange('a', 8, 30))).toBe('89');
    expect(text(await open().readRange('a', 10, 5))).toBe('');
  });

  it('creates an entry where there is none, and leaves one that is there', async () => {
    expect(await open().create('claim', bytes('mine'))).toBe(true);
    expect(await open().create('claim', bytes('yours'))).toBe(false);
    expect(text(server.entries.get('bucket/store/claim')?.bytes)).toBe('mine');
  });

  it('knows an entry of its own whose answer was lost', async () => {
    server.faults.push(
      times(1, (response, { key }) => {
        server.put(key, 'mine');
        response.destroy();
      }),
    );
    expect(await open().create('claim', bytes('mine'))).toBe(true);
  });

  it('lists page by page, in the order of the bytes of keys', async () => {
    server.page = 2;
    for (const key of ['b', 'a', 'a/1', 'Z', 'é', '😀', '\uff5e']) server.put(`bucket/store/x${key}`, key);
    server.put('bucket/other/x', '');
    const storage = open();
    const keys: string[] = [];
    for (let after: string | undefined, more = true; more; after = keys.at(-1)) {
      const page = await storage.list('x', after);
      keys.push(...page.entries.map(({ key }) => key));
      more = page.more;
    }
    expect(keys).toEqual(['xZ', 'xa', 'xa/1', 'xb', 'xé', 'x\uff5e', 'x😀']);
  });

  it('removes entries, and what it kept of them', async () => {
    const storage = open();
    await storage.write('a', bytes('1'));
    await storage.remove(['a', 'nothing']);
    expect(server.entries.size).toBe(0);
    expect(await storage.read('a')).toBeUndefined();
  });
});

describe('the version of an entry', () => {
  const listed = async () => (await open().list('')).entries[0]!;

  it('gives the bytes that were listed, and a stretch of them', async () => {
    server.put('bucket/store/a.tar', '0123456789');
    const entry = await listed();
    expect(entry).toMatchObject({ key: 'a.tar', size: 10 });
    expect(text(await open().readVersion(entry))).toBe('0123456789');
    expect(text(await open().readVersion(entry, { offset: 3, length: 4 }))).toBe('3456');
    expect(text(await open().readVersion(entry, { length: 0 }))).toBe('');
  });

  it('is refused when the entry has become another, is gone or ends before', async () => {
    server.put('bucket/store/a', 'one');
    const entry = await listed();
    await expect(open().readVersion(entry, { offset: 1, length: 9 })).rejects.toThrow(EntryGone);
    server.put('bucket/store/a', 'two');
    await expect(open().readVersion(entry)).rejects.toThrow(
      's3://bucket/store/a has become another since it was listed',
    );
    server.entries.clear();
    await expect(open().readVersion(entry)).rejects.toThrow('s3://bucket/store/a is not there any more');
  });

  it('is not taken from a server that gives another than was asked for', async () => {
    server.put('bucket/store/a', 'one');
    const entry = await listed();
    server.faults.push((response) => void response.writeHead(200, { etag: '"other"' }).end('two') === undefined);
    await expect(open().readVersion(entry)).rejects.toThrow(EntryGone);
  });
});

describe('the local cache', () => {
  it('is asked instead of the server for what is named by its content', async () => {
    const [content, key] = ['rows', named('rows')];
    server.put(`bucket/store/${key}`, content);
    for (let again = 0; again < 3; again++) expect(text(await open().read(key))).toBe(content);
    expect(text(await open().readRange(key, 1, 2))).toBe('ow');
    expect(server.given).toEqual({ reads: 1, bytes: 4 });
    expect(server.seen).toHaveLength(1);
  });

  it('has what was written, so that nobody reads it back', async () => {
    await open().write(named('rows'), bytes('rows'));
    expect(text(await open().read(named('rows')))).toBe('rows');
    expect(server.given.reads).toBe(0);
  });

  it('asks whether an entry of another name has changed, and reads it again only then', async () => {
    server.put('bucket/store/list.json', 'one');
    expect(text(await open().read('list.json'))).toBe('one');
    expect(text(await open().read('list.json'))).toBe('one');
    expect(server.given).toEqual({ reads: 1, bytes: 3 });
    server.put('bucket/store/list.json', 'three');
    expect(text(await open().read('list.json'))).toBe('three');
    expect(server.seen.map(({ status }) => status)).toEqual([200, 304, 200]);
  });

  it('keeps stretches of entries by their version', async () => {
    server.put('bucket/store/large', '0123456789');
    for (let again = 0; again < 2; again++) expect(text(await open().readRange('large', 2, 5))).toBe('23456');
    expect(server.given).toEqual({ reads: 1, bytes: 5 });
  });

  it('notices damage, and reads again', async () => {
    const key = named('rows');
    await open().write(key, bytes('rows'));
    for (const file of filesIn(cacheFolder))
      writeFileSync(
        file,
        readFileSync(file).map((byte, at, all) => (at === all.length - 1 ? byte ^ 1 : byte)),
      );
    expect(text(await open().read(key))).toBe('rows');
    expect(server.given.reads).toBe(1);
  });

  it('stays below its limit, and keeps what was used last', async () => {
    const storage = open({ FAROUT_S3_CACHE: '10KB' });
    const content = (at: number) => String(at).padEnd(1500, '.');
    for (let at = 0; at < 20; at++) {
      await storage.write(named(content(at)), bytes(content(at)));
      await storage.read(named(content(0)));
      // So that times of use differ, whatever the file system's clock.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const total = filesIn(cacheFolder).reduce((sum, file) => sum + statSync(file).size, 0);
    expect(total).toBeLessThanOrEqual(12_000);
    expect(total).toBeGreaterThan(4000);
    const before = server.given.reads;
    await storage.read(named(content(0)));
    await storage.read(named(content(19)));
    expect(server.given.reads).toBe(before);
  });

  it('keeps nothing where its limit is 0, and does not harm where it cannot be written', async () => {
    server.put('bucket/store/a', 'one');
    await open({ FAROUT_S3_CACHE: '0' }).read('a');
    expect(filesIn(cacheFolder)).toEqual([]);
    writeFileSync(path.join(cacheFolder, 's3'), 'a file in the place of the folder');
    expect(text(await open().read('a'))).toBe('one');
  });

  it('is shut to other users, and refuses a limit that is no size', async () => {
    await open().write('a', bytes('1'));
    for (const file of filesIn(cacheFolder)) expect(statSync(file).mode & 0o077).toBe(0);
    expect((await caught(open({ FAROUT_S3_CACHE: 'much' }).read('a')))?.code).toBe('OOD_BAD_PARAMETER');
  });
});

describe('a server that has faults', () => {
  it.each([
    ['500', (at: number) => times(at, (response) => fail(response, 500, 'InternalError'))],
    ['503 SlowDown', (at: number) => times(at, (response) => fail(response, 503, 'SlowDown'))],
    ['429', (at: number) => times(at, (response) => fail(response, 429, 'TooManyRequests'))],
    ['a broken connection', (at: number) => times(at, (response) => void response.destroy())],
    ['silence', (at: number) => times(Math.min(at, 1), () => undefined)],
    [
      'a body that is cut',
      (at: number) =>
        times(at, (response) => {
          response.writeHead(200, { etag: '"x"', 'content-length': 100 });
          response.write('part', () => response.destroy());
        }),
    ],
  ])('is asked again after %s', async (_, fault) => {
    server.put('bucket/store/a', 'one');
    server.faults.push(fault(3));
    expect(text(await open().read('a'))).toBe('one');
  });

  it('is not asked for ever', async () => {
    server.faults.push((response) => fail(response, 503, 'SlowDown') === undefined);
    const error = await caught(open({}, { ...quick, whole: 100 }).read('a'));
    expect(error?.code).toBe('OOD_STORAGE_FAILED');
    expect(error?.message).toMatch(
      /^GET s3:\/\/bucket\/store\/a: 127\.0\.0\.1:\d+ gave no answer in \d+ attempts, at last status 503 \(SlowDown\)$/,
    );
    expect(server.seen.length).toBeGreaterThan(1);
  });

  it('is not there for a while: what is asked waits for it', async () => {
    server.put('bucket/store/a', 'one');
    let isAway = true;
    server.faults.push((response) => isAway && response.destroy() !== undefined);
    const reading = open().read('a');
    setTimeout(() => (isAway = false), 150);
    expect(text(await reading)).toBe('one');
  });

  it.each([
    ['breaks off', '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>store/a</Key>'],
    ['is a web page', '<html><body>Welcome</body></html>'],
    ['says that more follows nothing', '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'],
    [
      'has keys from elsewhere',
      '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>other/a</Key><ETag>"1"</ETag><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>',
    ],
    [
      'has entities of its own',
      '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>',
    ],
  ])('gives a listing that %s, which is none', async (_, body) => {
    server.faults.push((response) => void response.writeHead(200).end(body) === undefined);
    expect((await caught(open().list('')))?.code).toBe('OOD_STORAGE_FAILED');
  });

  it('lists in another order than that of bytes, which would never end', async () => {
    const entry = (key: string) =>
      `<Contents><Key>store/${key}</Key><ETag>"1"</ETag><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`;
    server.faults.push(
      (response) =>
        void response
          .writeHead(200)
          .end(`<ListBucketResult><IsTruncated>true</IsTruncated>${entry('b')}${entry('a')}</ListBucketResult>`) ===
        undefined,
    );
    expect((await caught(open().list('')))?.code).toBe('OOD_STORAGE_FAILED');
  });
});

describe('credentials', () => {
  it('that are wrong are refused with what to do, and asked for once', async () => {
    const error = await caught(open({ AWS_SECRET_ACCESS_KEY: 'another' }).read('a'));
    expect(error).toMatchObject({
      code: 'OOD_STORAGE_REFUSED',
      message: 'GET s3://bucket/store/a is refused (SignatureDoesNotMatch)',
    });
    expect(error?.fix).toContain('AWS_SECRET_ACCESS_KEY');
    expect(server.seen).toHaveLength(1);
  });

  it('that are not set are named', async () => {
    const error = await caught(open({ AWS_SECRET_ACCESS_KEY: '' }).read('a'));
    expect(error?.message).toBe('there are no credentials for s3:// addresses: AWS_SECRET_ACCESS_KEY not set');
  });

  it('that have expired have an error of their own', async () => {
    server.faults.push((response) => fail(response, 400, 'ExpiredToken') === undefined);
    expect(await caught(open().write('a', bytes('1')))).toMatchObject({
      code: 'OOD_CREDENTIALS_EXPIRED',
      message: 'the credentials for s3://bucket have expired',
    });
  });

  it('are read at each request, so that renewed ones count', async () => {
    const env: Record<string, string | undefined> = { ...server.env, AWS_SESSION_TOKEN: 'old' };
    const storage = new S3Storage({ prefix: 'store/' }, new BucketClient('bucket', env, quick), new Cache(env));
    expect((await caught(storage.read('a')))?.code).toBe('OOD_STORAGE_REFUSED');
    env.AWS_SESSION_TOKEN = secrets.token;
    expect(await storage.read('a')).toBeUndefined();
  });

  it('lack a permission that is named', async () => {
    server.faults.push((response) => fail(response, 403, 'AccessDenied') === undefined);
    expect((await caught(open().write('a', bytes('1'))))?.fix).toBe(
      'Give these credentials the permission s3:PutObject.',
    );
  });

  it('with a line break are refused without being shown', async () => {
    const error = await caught(open({ AWS_SESSION_TOKEN: 'secret\ntoken' }).read('a'));
    expect(error?.message).toContain('AWS_SESSION_TOKEN has a blank');
    expect(JSON.stringify([error?.message, error?.fix])).not.toContain('secret\\n');
  });

  it('are not sent where a server redirects to', async () => {
    const other = await S3Server.start();
    server.faults.push(
      (response) => fail(response, 307, 'TemporaryRedirect', { location: `${other.url}/bucket/a` }) === undefined,
    );
    const error = await caught(open().read('a'));
    expect(error?.code).toBe('OOD_STORAGE_REFUSED');
    expect(other.seen).toEqual([]);
    await other.stop();
  });

  it('of another region are told the right one', async () => {
    server.faults.push(
      (response) => fail(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-other-2' }) === undefined,
    );
    expect((await caught(open().read('a')))?.fix).toBe('Set AWS_REGION=eu-other-2.');
  });

  it('count by the clock of the server, which may be hours ahead', async () => {
    server.put('bucket/store/a', 'one');
    server.ahead = 7_200_000;
    expect(text(await open().read('a'))).toBe('one');
    expect(server.seen.map(({ status }) => status)).toEqual([403, 200]);
  });
});

describe('where nothing may be asked', () => {
  it('no request is sent, and what is kept by its content is read', async () => {
    await open().write(named('rows'), bytes('rows'));
    server.seen.length = 0;
    const offline = open({ FAROUT_OFFLINE: '1' });
    expect(text(await offline.read(named('rows')))).toBe('rows');
    expect((await caught(offline.read('list.json')))?.code).toBe('OOD_OFFLINE');
    expect(server.seen).toEqual([]);
  });
});
