import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reasonOf } from '../../src/extraction/batch.ts';
import { AddressFault, fetchImage, patience } from '../../src/extraction/fetch-image.ts';

const bytes = Buffer.from('header, first image, second image');

let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: (string | undefined)[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tar?signature=secret`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

/** Answers with a part where one is asked for, as RFC 9110 has it. */
function serve({ headers: { range } }: IncomingMessage, response: ServerResponse): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined) {
    response.end(bytes);
    return;
  }
  const part = bytes.subarray(Number(first), last ? Number(last) + 1 : undefined);
  const end = Number(first) + part.length - 1;
  response.writeHead(206, { 'content-range': `bytes ${first}-${end}/${bytes.length}` }).end(part);
}

async function read(stretch: { offset?: number; length?: number } = {}, limits = patience): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of fetchImage({ url, ...stretch }, limits)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const stretches: [{ offset?: number; length?: number }, string, string | undefined][] = [
  [{}, bytes.toString(), undefined],
  [{ offset: 0 }, bytes.toString(), undefined],
  [{ offset: 8, length: 11 }, 'first image', 'bytes=8-18'],
  [{ offset: 21 }, 'second image', 'bytes=21-'],
  [{ length: 6 }, 'header', 'bytes=0-5'],
];

describe('fetchImage', () => {
  it('asks nothing where nothing may be asked', async () => {
    process.env.FAROUT_OFFLINE = '1';
    try {
      await expect(read()).rejects.toThrow(
        /^127.0.0.1:\d+ was not requested: network access is turned off \(FAROUT_OFFLINE\)$/,
      );
    } finally {
      delete process.env.FAROUT_OFFLINE;
    }
    expect(asked).toEqual([]);
  });

  it.each(stretches)('asks a server for %o alone', async (stretch, expected, range) => {
    answer = serve;
    expect(await read(stretch)).toBe(expected);
    expect(asked).toEqual([range]);
  });

  it.each(stretches)('takes %o out of the whole where the server knows no ranges', async (...[stretch, expected]) => {
    answer = (_, response) => {
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    };
    expect(await read(stretch)).toBe(expected);
  });

  it('asks nobody for no bytes', async () => {
    expect(await read({ offset: 8, length: 0 })).toBe('');
    expect(asked).toEqual([]);
  });

  it('follows redirections with the range, five at most', async () => {
    let left = 5;
    answer = (request, response) => {
      if (left-- > 0) response.writeHead(302, { location: '/elsewhere?signature=secret' }).end('moved');
      else serve(request, response);
    };
    expect(await read({ offset: 8, length: 11 })).toBe('first image');
    expect(asked).toEqual(Array(6).fill('bytes=8-18'));
    left = 6;
    await expect(read()).rejects.toThrow('redirects more than 5 times');
  });

  it.each(['file:///etc/passwd', 'ftp://example.org/', 'https://user:secret@example.org/', 'http://[secret'])(
    'does not follow to %s',
    async (location) => {
      answer = (_, response) => void response.writeHead(301, { location }).end();
      const fault = read();
      await expect(fault).rejects.toThrow(AddressFault);
      await expect(fault).rejects.not.toThrow('secret');
    },
  );

  const part = (range: string, body: Uint8Array) => (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(206, { 'content-range': range }).end(body);
  const asPart = bytes.subarray(8, 19);

  it.each<[string, typeof answer, string]>([
    ['is not there', (_, response) => void response.writeHead(404).end(), 'answers with status 404'],
    ['may not be seen', (_, response) => void response.writeHead(403).end(), 'answers with status 403'],
    ['is no stretch of it', (_, response) => void response.writeHead(416).end(), 'answers with status 416'],
    ['is empty', (_, response) => void response.writeHead(204).end(), 'answers with status 204'],
    ['leads nowhere', (_, response) => void response.writeHead(302).end(), 'answers with status 302'],
    ['ends too early', (_, response) => void response.end(bytes.subarray(0, 12)), 'sent fewer bytes'],
    ['ends before the stretch', (_, response) => void response.end('header'), 'sent fewer bytes'],
    ['is another part', part('bytes 7-17/33', bytes.subarray(7, 18)), 'returned a different part'],
    ['is a shorter part', part('bytes 8-17/33', bytes.subarray(8, 18)), 'returned a different part'],
    ['is a part that does not say which', part('bytes', asPart), 'returned a different part'],
    ['has fewer bytes than it says', part('bytes 8-18/33', asPart.subarray(0, 5)), 'sent fewer bytes'],
    ['has more bytes than it says', part('bytes 8-18/33', bytes), 'sent more bytes than it announced'],
    [
      'breaks off',
      (_, response) => {
        response.writeHead(206, { 'content-range': 'bytes 8-18/33', 'content-length': 11 });
        response.write(asPart.subarray(0, 5), () => response.destroy());
      },
      'cannot be read (UND_ERR_SOCKET)',
    ],
  ])('what %s is the fault of the net, not of the image, and says the host alone', async (_, answering, says) => {
    answer = answering;
    const error: unknown = await read({ offset: 8, length: 11 }).catch((fault: unknown) => fault);
    const host = new URL(url).host;
    expect(reasonOf(error)).toEqual({ unreadable: expect.stringContaining(`${host} ${says}`), passing: 'system' });
    expect(reasonOf(error).unreadable).not.toMatch(/secret|tar/);
  });

  it('a part of which nobody knows the end is taken where its length was asked for', async () => {
    answer = part('bytes 8-18/*', asPart);
    expect(await read({ offset: 8, length: 11 })).toBe('first image');
    await expect(read({ offset: 8 })).rejects.toThrow('returned a different part');
  });

  it('says that nobody listens', async () => {
    const { port } = new URL(url);
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await expect(read()).rejects.toThrow(`127.0.0.1:${port} cannot be read (ECONNREFUSED)`);
    server = createServer().listen(0);
  });

  it.each<[string, typeof answer]>([
    ['never answers', () => undefined],
    ['answers and then says nothing', (_, response) => void response.write('he')],
  ])('does not wait for a server that %s', async (_, answering) => {
    answer = answering;
    await expect(read({}, { silence: 100, whole: 60_000 })).rejects.toThrow('did not answer in time');
  });

  it('does not wait without end for one that goes on and on', async () => {
    answer = (_, response) => {
      const more = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(more));
    };
    await expect(read({}, { silence: 60_000, whole: 200 })).rejects.toThrow('did not answer in time');
  });

  it('takes no more than 1 GiB', async () => {
    answer = (_, response) => {
      const piece = Buffer.alloc(2 ** 24);
      const pour = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', pour);
      pour();
    };
    let most = 0;
    const all = async () => {
      for await (const piece of fetchImage({ url })) most += piece.length;
    };
    await expect(all()).rejects.toThrow('sent more than 1 GiB');
    expect(most).toBeLessThanOrEqual(2 ** 30);
  }, 60_000);
});
