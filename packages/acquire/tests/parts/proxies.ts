import http from 'node:http';
import https from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { certificate } from './certificate.ts';
import { endWithTest, server } from './downloads.ts';
import type { TestServer } from './server.ts';

/** A proxy that knows every name as the server of a test, so that an address may be a public one. */
export const proxyTo = (origin: string): Promise<TestServer> =>
  server(({ url = '' }, response) => {
    const target = new URL(url);
    http.get(`${origin}${target.pathname}`, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
  });

/** A proxy that leads to a port of this machine, whatever it is asked for; or answers as it is told. */
export async function tunnelTo(port: number, { tls = false, status = 200 } = {}) {
  const asked: { readonly target: string; readonly user: string | undefined }[] = [];
  const proxy = tls ? https.createServer({ key: certificate, cert: certificate }) : http.createServer();
  proxy.on('connect', ({ url = '', headers }: http.IncomingMessage, socket) => {
    asked.push({ target: url, user: headers['proxy-authorization'] });
    socket.on('error', () => undefined);
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const to = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connected\r\n\r\n'));
    to.pipe(socket)
      .pipe(to)
      .on('error', () => to.destroy());
    socket.on('close', () => to.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  endWithTest(() => void proxy.close());
  const host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { host, origin: `${tls ? 'https' : 'http'}://${host}`, asked };
}
