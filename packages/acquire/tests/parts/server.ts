import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { certificate } from './certificate.ts';

/** What answers a request; `count` is how many came before. */
export type Handler = (request: http.IncomingMessage, response: http.ServerResponse, count: number) => void;

/** A server on this machine, with what it was asked. */
export interface TestServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly port: number;
  readonly requests: http.IncomingMessage[];
  readonly close: () => Promise<void>;
}

/** Starts a server on a port of its own; with TLS its certificate is one that nobody trusts. */
export async function startServer(handler: Handler, { tls = false } = {}): Promise<TestServer> {
  const requests: http.IncomingMessage[] = [];
  const listen = (request: http.IncomingMessage, response: http.ServerResponse) => {
    requests.push(request);
    handler(request, response, requests.length - 1);
  };
  const server = tls ? https.createServer({ key: certificate, cert: certificate }, listen) : http.createServer(listen);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, port, requests, close };
}

/** How a file is given. */
export interface FileAnswer {
  /** Absent where the server gives none. */
  readonly etag?: string;
  /** Ends the connection when so many bytes of the file have been sent. */
  readonly cutAt?: number | undefined;
  /** Whether ranges are given; default true. */
  readonly ranges?: boolean;
  readonly headers?: http.OutgoingHttpHeaders;
}

/** Answers as a file server does: whole, or from where it is asked on, as long as If-Range names the same version. */
export function sendFile(
  { headers }: http.IncomingMessage,
  response: http.ServerResponse,
  bytes: Buffer,
  { etag, cutAt, ranges = true, headers: further = {} }: FileAnswer = {},
): void {
  const asked = ranges ? /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] : undefined;
  const isSame = headers['if-range'] === undefined || headers['if-range'] === etag;
  const from = asked !== undefined && isSame ? Number(asked) : 0;
  const isPart = asked !== undefined && isSame;
  if (isPart && from >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  response.writeHead(isPart ? 206 : 200, {
    'content-length': bytes.length - from,
    ...(etag !== undefined && { etag }),
    ...(isPart && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    ...further,
  });
  if (cutAt === undefined || cutAt >= bytes.length) response.end(bytes.subarray(from));
  else response.write(bytes.subarray(from, Math.max(from, cutAt)), () => response.socket?.destroySoon());
}
