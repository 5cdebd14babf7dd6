import { request, type Agent, type OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array | string;
  readonly agent?: Agent;
}

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks by HTTP, with whatever headers, and gives what is answered. */
export function ask(
  port: number,
  { method = 'POST', path = '/score', headers, body = '', agent }: Sent = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', method, path, headers: { ...lengthOf(body), ...headers } };
    const sent = request({ ...options, ...(agent && { agent }) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

const lengthOf = (body: Uint8Array | string) => ({ 'content-length': Buffer.byteLength(body) });

/** What is answered to bytes as they are, until the connection ends: the status, or 0. `more` are sent afterwards, one a while. */
export async function rawStatus(
  port: number,
  bytes: string,
  more: { piece: string; each: number } | undefined,
): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const drip = more && setInterval(() => socket.writable && socket.write(more.piece), more.each);
  socket.write(bytes);
  let text = '';
  socket.on('data', (piece) => (text += piece.toString('latin1')));
  await ended(socket);
  clearInterval(drip);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
}

const ended = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
  });

/** A request that announces more than it sends: the answer must come before the rest does. */
export const announced = (port: number, path: string, headers: OutgoingHttpHeaders) =>
  new Promise<number>((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path, headers }, (response) => {
      resolve(response.statusCode!);
      sent.destroy();
    });
    sent.once('error', reject);
    sent.flushHeaders();
    sent.write(Buffer.alloc(2 ** 20));
  });

/** A form with so many files of so many bytes. */
export function form(files: readonly Uint8Array[]): { headers: OutgoingHttpHeaders; body: Uint8Array } {
  const pieces = files.flatMap((file, at) => [
    Buffer.from(
      `--limit\r\nContent-Disposition: form-data; name="f${at}"; filename="${at}.png"\r\nContent-Type: image/png\r\n\r\n`,
    ),
    file,
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...pieces, Buffer.from('--limit--\r\n')]);
  return { headers: { 'content-type': 'multipart/form-data; boundary=limit' }, body };
}
