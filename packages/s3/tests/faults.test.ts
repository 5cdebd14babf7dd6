import { describe, expect, it } from '@jest/globals';
import { fail, hangUp, S3Server, say, secrets, times } from '../../../tools/s3-server.ts';
import { Cache } from '../src/cache.ts';
import { BucketClient } from '../src/client.ts';
import { S3Storage } from '../src/storage.ts';
import { bytes, caught, named, quick, text, Workplace } from './workplace.ts';

const here = new Workplace();

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
    here.server.put('bucket/store/a', 'one');
    here.server.faults.push(fault(3));
    expect(text(await here.open().read('a'))).toBe('one');
  });

  it('is not asked for ever', async () => {
    here.server.faults.push((response) => fail(response, 503, 'SlowDown'));
    const error = await caught(here.open({}, { ...quick, whole: 100 }).read('a'));
    expect(error?.code).toBe('OOD_STORAGE_FAILED');
    expect(error?.message).toMatch(
      /^GET s3:\/\/bucket\/store\/a: 127\.0\.0\.1:\d+ did not answer in \d+ attempts, finally status 503 \(SlowDown\)$/,
    );
    expect(here.server.seen.length).toBeGreaterThan(1);
  });

  it('is not there for a while: what is asked waits for it', async () => {
    here.server.put('bucket/store/a', 'one');
    let isAway = true;
    here.server.faults.push((response) => isAway && hangUp(response));
    const reading = here.open().read('a');
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
    here.server.faults.push((response) => say(response, body));
    expect((await caught(here.open().list('')))?.code).toBe('OOD_STORAGE_FAILED');
  });

  it('lists in another order than that of bytes, which would never end', async () => {
    const entry = (key: string) =>
      `<Contents><Key>store/${key}</Key><ETag>"1"</ETag><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`;
    here.server.faults.push((response) =>
      say(response, `<ListBucketResult><IsTruncated>true</IsTruncated>${entry('b')}${entry('a')}</ListBucketResult>`),
    );
    expect((await caught(here.open().list('')))?.code).toBe('OOD_STORAGE_FAILED');
  });
});

describe('credentials', () => {
  it('that are wrong are refused with what to do, and asked for once', async () => {
    const error = await caught(here.open({ AWS_SECRET_ACCESS_KEY: 'another' }).read('a'));
    expect(error).toMatchObject({
      code: 'OOD_STORAGE_REFUSED',
      message: 'GET s3://bucket/store/a was refused (SignatureDoesNotMatch)',
    });
    expect(error?.fix).toContain('AWS_SECRET_ACCESS_KEY');
    expect(here.server.seen).toHaveLength(1);
  });

  it('that are not set are named', async () => {
    const error = await caught(here.open({ AWS_SECRET_ACCESS_KEY: '' }).read('a'));
    expect(error?.message).toBe('there are no credentials for s3:// addresses: AWS_SECRET_ACCESS_KEY not set');
  });

  it('that have expired have an error of their own', async () => {
    here.server.faults.push((response) => fail(response, 400, 'ExpiredToken'));
    expect(await caught(here.open().write('a', bytes('1')))).toMatchObject({
      code: 'OOD_CREDENTIALS_EXPIRED',
      message: 'the credentials for s3://bucket have expired',
    });
  });

  it('are read at each request, so that renewed ones count', async () => {
    const env: Record<string, string | undefined> = { ...here.server.env, AWS_SESSION_TOKEN: 'old' };
    const storage = new S3Storage({ prefix: 'store/' }, new BucketClient('bucket', env, quick), new Cache(env));
    expect((await caught(storage.read('a')))?.code).toBe('OOD_STORAGE_REFUSED');
    env.AWS_SESSION_TOKEN = secrets.token;
    expect(await storage.read('a')).toBeUndefined();
  });

  it('lack a permission that is named', async () => {
    here.server.faults.push((response) => fail(response, 403, 'AccessDenied'));
    expect((await caught(here.open().write('a', bytes('1'))))?.fix).toBe(
      'Give these credentials the permission s3:PutObject.',
    );
  });

  it('with a line break are refused without being shown', async () => {
    const error = await caught(here.open({ AWS_SESSION_TOKEN: 'secret\ntoken' }).read('a'));
    expect(error?.message).toContain('AWS_SESSION_TOKEN has whitespace');
    expect(JSON.stringify([error?.message, error?.fix])).not.toContain('secret\\n');
  });

  it('are not sent where a server redirects to', async () => {
    const other = await S3Server.start();
    here.server.faults.push((response) =>
      fail(response, 307, 'TemporaryRedirect', { location: `${other.url}/bucket/a` }),
    );
    const error = await caught(here.open().read('a'));
    expect(error?.code).toBe('OOD_STORAGE_REFUSED');
    expect(other.seen).toEqual([]);
    await other.stop();
  });

  it('of another region are told the right one', async () => {
    here.server.faults.push((response) =>
      fail(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-other-2' }),
    );
    expect((await caught(here.open().read('a')))?.fix).toBe('Set AWS_REGION=eu-other-2.');
  });

  it('count by the clock of the server, which may be hours ahead', async () => {
    here.server.put('bucket/store/a', 'one');
    here.server.ahead = 7_200_000;
    expect(text(await here.open().read('a'))).toBe('one');
    expect(here.server.seen.map(({ status }) => status)).toEqual([403, 200]);
  });
});

describe('where nothing may be asked', () => {
  it('no request is sent, and what is kept by its content is read', async () => {
    await here.open().write(named('rows'), bytes('rows'));
    here.server.seen.length = 0;
    const offline = here.open({ FAROUT_OFFLINE: '1' });
    expect(text(await offline.read(named('rows')))).toBe('rows');
    expect((await caught(offline.read('list.json')))?.code).toBe('OOD_OFFLINE');
    expect(here.server.seen).toEqual([]);
  });
});
