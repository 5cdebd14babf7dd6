import { lookup } from 'node:dns/promises';
import type http from 'node:http';
import { hostname } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { isPrivate, parseAddress } from '../src/address.ts';
import { endAll, load, server } from './parts/downloads.ts';
import { proxyTo } from './parts/proxies.ts';

afterEach(endAll);

const bytes = Buffer.from('the bytes of a file');
const secret = 'hf_verysecret';

const redirect = (location: string) => (_: http.IncomingMessage, response: http.ServerResponse) =>
  void response.writeHead(302, { location }).end();

describe('redirects', () => {
  it('are followed five times, and not a sixth', async () => {
    const { origin, requests } = await server((request, response) => {
      const left = parseInt(request.url?.slice(1) ?? '');
      if (left === 0) response.end(bytes);
      else response.writeHead(302, { location: `/${left - 1}?key=${secret}` }).end();
    });
    expect((await load({ addresses: [`${origin}/5`] })).bytes?.equals(bytes)).toBe(true);
    const { error } = await load({ addresses: [`${origin}/6?key=${secret}`] });
    expect(error).toMatchObject({ code: 'OOD_ADDRESS_REFUSED', message: `${origin}/6 redirects more than 5 times` });
    expect(requests.length).toBe(12);
  });

  it.each([
    ['file:///etc/passwd', /only http and https are supported, not file:/],
    ['ftp://example.org/file', /only http and https/],
    ['data:text/plain,x', /only http and https/],
    ['http://user:hunter2@example.org/', /contains a user name or a password/],
    ['http://[::::]/', /redirects to an invalid address/],
  ])('to %s are refused', async (location, message) => {
    const { origin } = await server(redirect(location));
    const { error, files } = await load({ addresses: [`${origin}/file.bin`] });
    expect(error?.code).toBe('OOD_ADDRESS_REFUSED');
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toMatch(/hunter2/);
    expect(files).toEqual([]);
  });

  it.each(['http://127.0.0.1/', 'http://169.254.169.254/latest', 'http://[::ffff:10.0.0.1]/', 'http://0x7f.1/'])(
    'from a public address to %s are refused',
    async (location) => {
      const { origin } = await server(redirect(location));
      const proxy = await proxyTo(origin);
      const { error } = await load({ addresses: ['http://198.51.100.7/file'] }, { env: { HTTP_PROXY: proxy.origin } });
      expect(error?.message).toMatch(/a public address redirects to a private one/);
      expect(proxy.requests.length).toBe(1);
    },
  );

  it('from a public address to a name that resolves to a private one are refused before it is connected', async () => {
    const inner = await server((_, response) => void response.end(bytes));
    // This machine's own name leads to an address of its network, if to any.
    const name = await lookup(hostname()).then(
      ({ address }) => (isPrivate(address) ? hostname() : 'localhost'),
      () => 'localhost',
    );
    const outer = await server(redirect(`http://${name}:${inner.port}/`));
    const proxy = await proxyTo(outer.origin);
    const env = { http_proxy: proxy.origin, no_proxy: name };
    const { error } = await load({ addresses: ['http://files.test/file'] }, { env });
    expect(error?.message).toBe(
      `a public address redirects to a private one (http://${name.toLowerCase()}:${inner.port}/)`,
    );
    expect(inner.requests).toEqual([]);
  });

  it('are followed from one private address to another', async () => {
    const inner = await server((_, response) => void response.end(bytes));
    const outer = await server(redirect(`http://localhost:${inner.port}/`));
    expect((await load({ addresses: [outer.origin] })).bytes?.equals(bytes)).toBe(true);
  });
});

describe('which addresses are private', () => {
  const cases = [
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.31.255.255', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['100.64.0.1', true],
    ['169.254.169.254', true],
    ['0.0.0.0', true],
    ['224.0.0.1', true],
    ['255.255.255.255', true],
    ['8.8.8.8', false],
    ['::1', true],
    ['::', true],
    ['fe80::1%eth0', true],
    ['fd00::1', true],
    ['::ffff:127.0.0.1', true],
    ['::ffff:8.8.8.8', false],
    ['64:ff9b::10.0.0.1', true],
    ['2002:7f00:1::', true],
    ['2606:4700::1111', false],
    ['no address', true],
  ] as const;
  it.each(cases)('%s: %s', (ip, expected) => {
    expect(isPrivate(ip)).toBe(expected);
  });
});

describe('a token', () => {
  it('goes to its own host alone, and is dropped for good where another is redirected to', async () => {
    const other = await server((_, response) => void response.end(bytes));
    const { origin, requests, port } = await server((request, response) => {
      const to = { '/file': '/again', '/again': `${other.origin}/x` }[request.url ?? ''] ?? '/';
      response.writeHead(307, { location: to }).end();
    });
    const env = { FAROUT_TOKENS: `huggingface.co=other 127.0.0.1:${port}=${secret}` };
    const outcome = await load({ addresses: [`${origin}/file`] }, { env });
    expect(outcome.bytes?.equals(bytes)).toBe(true);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${secret}`, `Bearer ${secret}`]);
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('does not come back where another host redirects to its own', async () => {
    let back = '';
    const other = await server((_, response) => void response.writeHead(302, { location: back }).end());
    const { origin, requests, port } = await server((request, response) =>
      request.url === '/file' ? redirect(other.origin)(request, response) : void response.end(bytes),
    );
    back = `${origin}/end`;
    await load({ addresses: [`${origin}/file`] }, { env: { FAROUT_TOKENS: `127.0.0.1:${port}=${secret}` } });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${secret}`, undefined]);
  });

  it('is in no message, and neither is a query', async () => {
    const { origin, port } = await server((_, response) => void response.writeHead(401, secret).end());
    const env = { FAROUT_TOKENS: `127.0.0.1:${port}=${secret}x` };
    const { error, said } = await load({ addresses: [`${origin}/file?signature=abc`] }, { env });
    expect([error?.message, ...said].join('\n')).not.toMatch(/signature|verysecretx/);
  });
});

describe('an address', () => {
  it.each([
    ['ftp://example.org/a?key=1', /only http and https are supported, not ftp:/],
    ['https://me:hunter2@example.org/a', /an address of example.org contains a user name or a password/],
    ['no address?key=1', /this is not a valid address: no address$/],
  ])('%s is refused before anything is asked', async (address, message) => {
    const { error } = await load({ addresses: [address] });
    expect(error?.code).toBe('OOD_ADDRESS_REFUSED');
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toMatch(/hunter2|key/);
  });

  it('may be a file on Google Drive, by its id', () => {
    const { url, shown } = parseAddress('drive:1lI1j0_fDDvjIt9JlWAw09X8ks-yrR_H1');
    expect(shown).toBe('drive:1lI1j0_fDDvjIt9JlWAw09X8ks-yrR_H1');
    expect(url.host).toBe('drive.usercontent.google.com');
    expect(url.searchParams.get('id')).toBe('1lI1j0_fDDvjIt9JlWAw09X8ks-yrR_H1');
    expect(() => parseAddress('drive:../x')).toThrow(/only http and https/);
  });

  it('with a certificate that nobody trusts is refused, and the way out is named', async () => {
    const { origin, requests } = await server((_, response) => void response.end(bytes), { tls: true });
    const { error } = await load({ addresses: [origin] });
    expect(error?.message).toMatch(/has an untrusted certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(error?.fix).toMatch(/NODE_EXTRA_CA_CERTS/);
    expect(requests).toEqual([]);
  });
});
