import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { endAll, load, server, sha256, temporaryFolder } from './parts/downloads.ts';
import { randomBytes, randomNumbers } from './parts/random.ts';
import { sendFile } from './parts/server.ts';

afterEach(endAll);

const bytes = randomBytes(200_000, 1);
const other = randomBytes(200_000, 2);
const etag = '"first"';
const sum = sha256(bytes);

describe('a file over a connection that breaks', () => {
  it('arrives whole when the connection is cut at fifty random bytes, one after the other', async () => {
    const random = randomNumbers(3);
    const cuts = Array.from({ length: 50 }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b);
    const { origin, requests } = await server((request, response, count) =>
      sendFile(request, response, bytes, { etag, cutAt: cuts[count] }),
    );
    const outcome = await load({ addresses: [`${origin}/file.bin`] });
    expect(outcome.bytes?.equals(bytes)).toBe(true);
    expect(outcome.downloaded).toMatchObject({ size: 200_000, sha256: sum });
    expect(outcome.files).toEqual(['file.bin']);
    // Only what was missing was asked for.
    expect(requests.length).toBe(51);
    expect(requests.slice(1).every(({ headers }) => headers['if-range'] === etag)).toBe(true);
  });

  it('arrives whole when the connection is reset again and again, and when no answer says how long the file is', async () => {
    const random = randomNumbers(5);
    const { origin } = await server((request, response, count) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/*` };
      response.writeHead(from > 0 ? 206 : 200, { etag, ...range });
      if (count >= 20) response.end(bytes.subarray(from));
      else
        response.write(bytes.subarray(from, from + Math.ceil(9000 * random())), () =>
          response.socket?.resetAndDestroy(),
        );
    });
    expect((await load({ addresses: [`${origin}/file.bin`] })).bytes?.equals(bytes)).toBe(true);
  });

  it('goes on in another process where the first was cut', async () => {
    const folder = temporaryFolder();
    const { origin, requests } = await server((request, response, count) =>
      sendFile(request, response, bytes, { etag, cutAt: count === 0 ? 150_000 : undefined }),
    );
    const one = { attempts: 1, inAll: 1, firstWait: 1, longestWait: 1, longestRetryAfter: 1 };
    const source = { addresses: [`${origin}/file.bin`] };
    const first = await load(source, { folder, retries: one });
    expect(first.error?.code).toBe('OOD_DOWNLOAD_FAILED');
    expect(first.files).toEqual(['file.bin.part', 'file.bin.part.json']);
    expect((await load(source, { folder, retries: one })).bytes?.equals(bytes)).toBe(true);
    expect(requests[1]!.headers.range).toBe('bytes=150000-');
  });

  it.each([
    ['the server ignores ranges', { etag, ranges: false }],
    ['the server has no ETag', {}],
    ['the ETag is a weak one', { etag: 'W/"first"' }],
  ])('is loaded from its beginning where %s', async (_, answer) => {
    const { origin, requests } = await server((request, response, count) =>
      sendFile(request, response, bytes, { ...answer, cutAt: count < 2 ? 100_000 : undefined }),
    );
    const outcome = await load({ addresses: [`${origin}/file.bin`] });
    expect(outcome.bytes?.equals(bytes)).toBe(true);
    expect(requests.length).toBe(3);
  });

  it('is loaded from its beginning where the file has changed meanwhile', async () => {
    const { origin } = await server((request, response, count) =>
      count === 0
        ? sendFile(request, response, bytes, { etag, cutAt: 100_000 })
        : sendFile(request, response, other, { etag: '"second"', cutAt: count === 1 ? 150_000 : undefined }),
    );
    expect((await load({ addresses: [`${origin}/file.bin`] })).bytes?.equals(other)).toBe(true);
  });

  it('is loaded from its beginning where a server gives the rest of another version in spite of If-Range', async () => {
    const { origin } = await server((request, response, count) => {
      if (count === 0) sendFile(request, response, bytes, { etag, cutAt: 100_000 });
      else sendFile({ headers: { range: request.headers.range } } as never, response, other, { etag: '"second"' });
    });
    expect((await load({ addresses: [`${origin}/file.bin`] })).bytes?.equals(other)).toBe(true);
  });

  it('is loaded from its beginning where it has become shorter', async () => {
    const short = bytes.subarray(0, 50_000);
    const { origin, requests } = await server((request, response, count) => {
      if (count === 0) sendFile(request, response, bytes, { etag, cutAt: 100_000 });
      else sendFile(request, response, short, { etag });
    });
    expect((await load({ addresses: [`${origin}/file.bin`] })).bytes?.equals(short)).toBe(true);
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-', undefined]);
  });

  it('is never put together from other parts than were asked for', async () => {
    const { origin } = await server((request, response) => {
      if (request.headers.range === undefined) sendFile(request, response, bytes, { etag, cutAt: 100_000 });
      else {
        const range = { 'content-range': 'bytes 50000-199999/200000', 'content-length': 150_000, etag };
        response.writeHead(206, range).end(bytes.subarray(50_000));
      }
    });
    const outcome = await load({ addresses: [`${origin}/file.bin`] });
    expect(outcome.error?.code).toBe('OOD_DOWNLOAD_FAILED');
    expect(outcome.files).not.toContain('file.bin');
  });

  it('is loaded whole where what an earlier process left is of another version that only the checksum tells', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file.bin.part'), other.subarray(0, 1000));
    const left = { address: 'of another mirror', etag: null, size: 200_000 };
    writeFileSync(path.join(folder, 'file.bin.part.json'), JSON.stringify(left));
    const { origin, requests } = await server((request, response) => sendFile(request, response, bytes, { etag }));
    const outcome = await load({ addresses: [`${origin}/file.bin`], sha256: sum }, { folder });
    expect(outcome.bytes?.equals(bytes)).toBe(true);
    expect(requests.map(({ headers }) => headers.range)).toEqual(['bytes=1000-', undefined]);
  });

  it('ends with an error where a trickle is all there is, and keeps what came', async () => {
    const { origin } = await server((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length, etag });
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const outcome = await load({ addresses: [`${origin}/file.bin`] });
    expect(outcome.error?.message).toMatch(/sent less than 1000 bytes a second/);
    expect(outcome.files).toEqual(['file.bin.part', 'file.bin.part.json']);
  });

  it('ends at once when it is told to, and keeps what came', async () => {
    const folder = temporaryFolder();
    const controller = new AbortController();
    const { origin } = await server((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length, etag });
      response.write(bytes.subarray(0, 1000), () => setTimeout(() => controller.abort(), 50));
    });
    const loading = load({ addresses: [`${origin}/file.bin`] }, { folder, signal: controller.signal });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(folder)).toEqual(['file.bin.part', 'file.bin.part.json']);
    expect(readFileSync(path.join(folder, 'file.bin.part')).equals(bytes.subarray(0, 1000))).toBe(true);
  });

  it('ends with an error where nothing comes at all', async () => {
    const { origin } = await server((_, response) => void response.writeHead(200, { 'content-length': 10 }).write('a'));
    expect((await load({ addresses: [`${origin}/file.bin`] })).error?.message).toMatch(/sent nothing for 0.4 s/);
    const silent = await server(() => undefined);
    expect((await load({ addresses: [`${silent.origin}/file.bin`] })).error?.message).toMatch(/no answer within 0.4 s/);
  });
});

describe('a file that is not the one that was expected', () => {
  const cases = [
    ['a wrong SHA-256', { sha256: sha256(other) }, 'OOD_CONTENT_MISMATCH', /its SHA-256 is .* instead of/],
    ['other first digits', { sha256Begins: '00000000' }, 'OOD_CONTENT_MISMATCH', /begins with .* instead of 00000000/],
    ['a wrong MD5', { md5: '0'.repeat(32) }, 'OOD_CONTENT_MISMATCH', /its MD5 is/],
    ['another size', { size: 199_999 }, 'OOD_DOWNLOAD_FAILED', /has 200000 bytes instead of 199999/],
  ] as const;
  it.each(cases)('is refused for %s, and nothing is kept of it', async (_, known, code, message) => {
    const { origin } = await server((request, response) => sendFile(request, response, bytes, { etag }));
    const { error, files } = await load({ addresses: [`${origin}/file.bin`], ...known });
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
    expect(files).toEqual([]);
  });

  it('is refused where the server sends less than it says, and asked for again', async () => {
    const { origin, requests } = await server((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('short', () => response.socket?.destroySoon());
    });
    const { error } = await load({ addresses: [`${origin}/file.bin`] });
    expect(error?.message).toMatch(/disconnected/);
    expect(requests.length).toBe(5);
  });

  it('is refused where nothing says where it ends', async () => {
    const { origin } = await server((_, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nperhaps half of it');
    });
    expect((await load({ addresses: [`${origin}/file.bin`] })).error?.message).toMatch(/does not say where the file/);
    const known = { sha256: sha256(Buffer.from('perhaps half of it')) };
    expect((await load({ addresses: [`${origin}/file.bin`], ...known })).bytes?.toString()).toBe('perhaps half of it');
  });

  it('is refused where it is empty', async () => {
    const { origin } = await server((_, response) => void response.end());
    expect((await load({ addresses: [`${origin}/file.bin`] })).error?.message).toMatch(/sent an empty file/);
  });

  it('is taken in chunks of no known sum, which say where it ends', async () => {
    const { origin } = await server((_, response) => void response.write('one, ', () => response.end('two')));
    expect((await load({ addresses: [`${origin}/file.bin`] })).bytes?.toString()).toBe('one, two');
  });

  it('is refused where it is longer than the manifest says', async () => {
    const { origin } = await server((_, response) => void response.write('one, ', () => response.end('two')));
    expect((await load({ addresses: [`${origin}/f`], size: 5 })).error?.message).toMatch(/more than the 5 bytes/);
  });

  it.each([
    ['text/html; charset=utf-8', '<html><title>Sign\n in \x1b[2J</title>'],
    ['application/gzip', '\n<!DOCTYPE html><html><head><title>Sign\n in \x1b[2J</title>'],
  ])('is quoted where it is a web page (%s)', async (type, page) => {
    const { origin } = await server((_, response) => void response.writeHead(200, { 'content-type': type }).end(page));
    const { error, files } = await load({ addresses: [`${origin}/file.bin`], size: 5 });
    expect(error?.message).toMatch(/returned a web page instead of the file: "Sign in \\x1b\[2J"/);
    expect(files).toEqual([]);
  });

  it('is refused where it is encoded unasked, unless its checksum vouches for it', async () => {
    const { origin, requests } = await server((request, response) =>
      sendFile(request, response, bytes, { headers: { 'content-encoding': 'gzip' } }),
    );
    const { error } = await load({ addresses: [`${origin}/file.bin`] });
    expect(error?.message).toMatch(/sends the file encoded \(gzip\), which was not requested/);
    expect(requests[0]!.headers['accept-encoding']).toBe('identity');
    expect((await load({ addresses: [`${origin}/file.bin`], sha256: sum })).bytes?.equals(bytes)).toBe(true);
  });

  it('stays where it was there before, and is not loaded again where it is right', async () => {
    const folder = temporaryFolder();
    const { origin, requests } = await server((request, response) => sendFile(request, response, bytes));
    writeFileSync(path.join(folder, 'file.bin'), other);
    const source = { addresses: [`${origin}/file.bin`], sha256: sum };
    expect((await load(source, { folder })).error?.code).toBe('OOD_CONTENT_MISMATCH');
    expect(readFileSync(path.join(folder, 'file.bin')).equals(other)).toBe(true);
    writeFileSync(path.join(folder, 'file.bin'), bytes);
    expect((await load(source, { folder })).bytes?.equals(bytes)).toBe(true);
    expect(requests).toEqual([]);
  });
});

describe('a place that cannot hold the file', () => {
  it.each([
    ['a folder', ['mkdir', 'file.bin'], 'OOD_CONTENT_MISMATCH', /file.bin is not a file$/],
    ['a pipe', ['mkfifo', 'file.bin'], 'OOD_CONTENT_MISMATCH', /file.bin is not a file$/],
    ['a folder in the place of the part', ['mkdir', 'file.bin.part'], 'OOD_OUTPUT_FAILED', /EISDIR/],
    ['a link in the place of the part', ['ln', '-s', '/dev/null', 'file.bin.part'], 'OOD_OUTPUT_FAILED', /ELOOP/],
  ])('is named: %s', async (_, [program = '', ...words], code, message) => {
    const folder = temporaryFolder();
    expect(spawnSync(program, words, { cwd: folder }).status).toBe(0);
    const { origin } = await server((request, response) => sendFile(request, response, bytes));
    const { error } = await load({ addresses: [`${origin}/file.bin`] }, { folder });
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
  });
});

describe('an address that does not give the file', () => {
  it('is followed by the next one after 404, 403, or a wrong checksum', async () => {
    for (const status of [404, 403, 410, 200]) {
      const first = await server((_, response) => void response.writeHead(status).end('no'));
      const second = await server((request, response) => sendFile(request, response, bytes));
      const addresses = [`${first.origin}/file.bin`, `${second.origin}/file.bin`];
      expect((await load({ addresses, sha256: sum })).bytes?.equals(bytes)).toBe(true);
      expect(first.requests.length).toBe(1);
    }
  });

  it('names every address with its reason where none gives it', async () => {
    const { origin } = await server((_, response) => void response.writeHead(404).end());
    const { error } = await load({ addresses: [`${origin}/a?key=secret`, 'http://127.0.0.1:1/b'] });
    expect(error?.code).toBe('OOD_DOWNLOAD_FAILED');
    expect(error?.message).toMatch(
      /\/a answers 404 Not Found; http:\/\/127.0.0.1:1\/b cannot be reached: .*ECONNREFUSED/,
    );
    expect(error?.message).not.toMatch(/secret/);
  });

  it.each([429, 503])('is asked again after %i when its Retry-After is over', async (status) => {
    const times: number[] = [];
    const { origin } = await server((request, response, count) => {
      times.push(Date.now());
      if (count === 0) response.writeHead(status, { 'retry-after': '1' }).end();
      else sendFile(request, response, bytes);
    });
    const { bytes: loaded, said } = await load({ addresses: [`${origin}/file.bin`] });
    expect(loaded?.equals(bytes)).toBe(true);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
    expect(said[0]).toMatch(/answers (429 Too Many Requests|503 Service Unavailable); trying again in 1 s/);
  });

  it('is left alone where it asks for longer than anybody waits', async () => {
    const { origin, requests } = await server((_, response) =>
      response.writeHead(503, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }).end(),
    );
    const { error } = await load({ addresses: [`${origin}/file.bin`] });
    expect(error?.message).toMatch(/asks clients to wait for 60 minutes/);
    expect(requests.length).toBe(1);
  });
});
