import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { certificate } from './parts/certificate.ts';
import { start } from './parts/children.ts';
import { endAll, endWithTest, load, server, temporaryFolder } from './parts/downloads.ts';
import { proxyTo, tunnelTo } from './parts/proxies.ts';
import { sendFile } from './parts/server.ts';

afterEach(endAll);

const bytes = Buffer.from('the bytes of a file');
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
const files = (tls = false) => server((request, response) => sendFile(request, response, bytes), { tls });

describe('a proxy', () => {
  it('is asked by the usual variables, with its own name and password, and not for hosts that are excepted', async () => {
    const { origin, port } = await files();
    const proxy = await proxyTo(origin);
    const env = { HTTP_PROXY: proxy.origin.replace('//', '//me:pass@'), NO_PROXY: 'example.org, 127.0.0.1' };
    expect((await load({ addresses: ['http://files.test/a'] }, { env })).bytes?.equals(bytes)).toBe(true);
    expect(proxy.requests[0]!.url).toBe('http://files.test/a');
    expect(proxy.requests[0]!.headers['proxy-authorization']).toBe(basic('me:pass'));
    expect((await load({ addresses: [`http://127.0.0.1:${port}/a`] }, { env })).bytes?.equals(bytes)).toBe(true);
    expect(proxy.requests.length).toBe(1);
  });

  it.each([
    ['ALL_PROXY, without a protocol', (host: string) => ({ ALL_PROXY: host }), 1],
    [
      'http_proxy before HTTP_PROXY',
      (host: string) => ({ http_proxy: `http://${host}`, HTTP_PROXY: 'http://127.0.0.1:1' }),
      1,
    ],
    ['none where NO_PROXY is *', (host: string) => ({ HTTP_PROXY: `http://${host}`, NO_PROXY: '*' }), 0],
    [
      'none where NO_PROXY names host and port',
      (host: string, port: number) => ({ HTTP_PROXY: host, no_proxy: `127.0.0.1:${port}` }),
      0,
    ],
    ['it where NO_PROXY names another port', (host: string) => ({ HTTP_PROXY: host, no_proxy: '127.0.0.1:1' }), 1],
    ['none for http where HTTPS_PROXY alone is there', (host: string) => ({ HTTPS_PROXY: `http://${host}` }), 0],
  ])('is found by the variables: %s', async (_, env, count) => {
    const { origin, port } = await files();
    const proxy = await proxyTo(origin);
    const host = proxy.origin.slice('http://'.length);
    expect((await load({ addresses: [`${origin}/a`] }, { env: env(host, port) })).bytes?.equals(bytes)).toBe(true);
    expect(proxy.requests.length).toBe(count);
  });

  it('carries TLS that it cannot read, whose certificate is looked at', async () => {
    const inner = await files(true);
    const proxy = await tunnelTo(inner.port);
    const env = { HTTPS_PROXY: proxy.origin.replace('//', '//only-a-name@'), HTTP_PROXY: 'http://127.0.0.1:1' };
    const { error } = await load({ addresses: ['https://files.test/a'] }, { env });
    expect(error?.message).toMatch(/has an untrusted certificate/);
    expect(proxy.asked).toEqual([{ target: 'files.test:443', user: basic('only-a-name:') }]);
    expect(inner.requests).toEqual([]);
  });

  it('may itself be asked by TLS, for http and https', async () => {
    const folder = temporaryFolder();
    const authority = path.join(folder, 'ca.pem');
    writeFileSync(authority, certificate);
    for (const tls of [false, true]) {
      const inner = await files(tls);
      const proxy = await tunnelTo(inner.port, { tls: true });
      const address = `${tls ? 'https' : 'http'}://files.test/a`;
      const env = {
        [tls ? 'HTTPS_PROXY' : 'HTTP_PROXY']: proxy.origin.replace('127.0.0.1', 'localhost'),
        NODE_EXTRA_CA_CERTS: authority,
      };
      const { said } = await start([address, path.join(folder, `file${inner.port}`)], env).ended;
      expect(said).toMatch(/has 19 bytes/);
      expect(proxy.asked.map(({ target }) => target)).toEqual([`files.test:${tls ? 443 : 80}`]);
      // Nobody tells this process that the certificate is to be trusted.
      const { error } = await load({ addresses: [address] }, { env });
      expect(error?.message).toMatch(/has an untrusted certificate/);
      expect(proxy.asked.length).toBe(1);
    }
  });

  it('that lets nobody through is told with its answer', async () => {
    const proxy = await tunnelTo(1, { status: 403 });
    const { error } = await load({ addresses: ['https://files.test/a'] }, { env: { HTTPS_PROXY: proxy.origin } });
    expect(error?.message).toMatch(/files.test\/a cannot be reached: .*403/);
    const plain = await server((_, response) => void response.writeHead(407).end());
    const answer = await load({ addresses: ['http://files.test/a'] }, { env: { HTTP_PROXY: plain.origin } });
    expect(answer.error?.message).toMatch(/407/);
  });

  it('is not asked for a name of this machine where a public address redirects there', async () => {
    const outer = await server(
      (_, response) => void response.writeHead(302, { location: 'http://x.localhost./' }).end(),
    );
    const proxy = await proxyTo(outer.origin);
    const { error } = await load({ addresses: ['http://files.test/a'] }, { env: { HTTP_PROXY: proxy.origin } });
    expect(error?.message).toMatch(/a public address redirects to a private one/);
    expect(proxy.requests.length).toBe(1);
  });
});

/** A port that takes connections and says nothing. */
async function mute(): Promise<number> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  endWithTest(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return (listener.address() as AddressInfo).port;
}

describe('who says nothing while a connection is made', () => {
  it('is left after a while: a server of TLS, and a proxy', async () => {
    const port = await mute();
    const { error } = await load({ addresses: [`https://127.0.0.1:${port}/a`] });
    expect(error?.message).toMatch(/no answer within 0.4 s/);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const answer = await load({ addresses: ['https://files.test/a'] }, { env });
    expect(answer.error?.message).toMatch(/no answer within 0.4 s/);
  });

  it('is left at once when the user says so', async () => {
    const [port, controller] = [await mute(), new AbortController()];
    const patience = { silence: 60_000, slowest: 1, over: 60_000 };
    const loading = load({ addresses: [`https://127.0.0.1:${port}/a`] }, { signal: controller.signal, patience });
    setTimeout(() => controller.abort(), 50);
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
  });
});
