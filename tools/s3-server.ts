import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The only accepted credentials. */
export const secrets = { id: 'AKIDFORTESTS', key: 'not+a/real+secret+0123456789', token: 'token+of/a/session==' };

/** A received request. */
export interface Seen {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  status: number;
  /** The status of the response. */
  bytes: number;
}

/** A fault that replaces the response to a request; returns true if it responded. */
export type Fault = (response: ServerResponse, seen: Seen) => boolean | Promise<boolean>;

interface Entry {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

const hex = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** RFC 3986 encoding: keeps only letters, digits and - . _ ~. */
const escaped = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * The part of S3 that farout uses, over HTTP. Checks signatures by Amazon's description of Signature Version 4, with node:crypto only: the program
 * under test signs with a library.
 */
export class S3Server {
  readonly entries = new Map<string, Entry>();
  readonly seen: Seen[] = [];
  /** Every fault is called for every request until it is removed. */
  readonly faults: Fault[] = [];
  /** Entries per page. */
  page = 1000;
  /** How far its clock is ahead, in ms. */
  ahead = 0;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<S3Server> {
    const server = new S3Server();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The environment of an authorized client. */
  get env() {
    return {
      AWS_ACCESS_KEY_ID: secrets.id,
      AWS_SECRET_ACCESS_KEY: secrets.key,
      AWS_SESSION_TOKEN: secrets.token,
      AWS_REGION: 'eu-test-1',
      AWS_ENDPOINT_URL_S3: this.url,
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  put(key: string, bytes: Uint8Array | string): string {
    const content = Buffer.from(bytes);
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    this.entries.set(key, { bytes: content, etag, modified: new Date(Date.now() + this.ahead) });
    return etag;
  }

  /** How many responses contained bytes of an entry, and how many bytes. */
  get given() {
    const reads = this.seen.filter(({ method, status }) => method === 'GET' && status < 300);
    return { reads: reads.length, bytes: reads.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const key = decodeURIComponent(pathname).replace(/^\//, '');
    const seen: Seen = {
      method: request.method!,
      key,
      query: searchParams,
      headers: request.headers,
      status: 0,
      bytes: 0,
    };
    this.seen.push(seen);
    const end = response.end.bind(response);
    response.end = ((chunk?: Uint8Array | string) => {
      seen.status = response.statusCode;
      seen.bytes = chunk === undefined ? 0 : Buffer.byteLength(chunk);
      return end(chunk);
    }) as typeof response.end;
    response.setHeader('date', new Date(Date.now() + this.ahead).toUTCString());
    for (const fault of this.faults) if (await fault(response, seen)) return;
    const refused = this.#refusal(request, body);
    if (refused) fail(response, 403, refused);
    else this.#serve(seen, body, response);
  }

  #serve({ method, key, query, headers }: Seen, body: Buffer, response: ServerResponse): unknown {
    if (query.get('list-type') === '2') return this.#list(key, query, response);
    const entry = this.entries.get(key);
    if (method === 'PUT') {
      if (headers['if-none-match'] === '*' && entry) return fail(response, 412, 'PreconditionFailed');
      return response.writeHead(200, { etag: this.put(key, body) }).end();
    }
    if (method === 'DELETE') {
      this.entries.delete(key);
      return response.writeHead(204).end();
    }
    if (!entry) return fail(response, 404, 'NoSuchKey');
    if (headers['if-match'] !== undefined && headers['if-match'] !== entry.etag)
      return fail(response, 412, 'PreconditionFailed');
    if (headers['if-none-match'] === entry.etag) return response.writeHead(304, { etag: entry.etag }).end();
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    if (first === undefined)
      return response.writeHead(200, { etag: entry.etag, 'content-length': entry.bytes.length }).end(entry.bytes);
    if (Number(first) >= entry.bytes.length) return fail(response, 416, 'InvalidRange');
    const part = entry.bytes.subarray(Number(first), last ? Number(last) + 1 : undefined);
    const range = `bytes ${first}-${Number(first) + part.length - 1}/${entry.bytes.length}`;
    response.writeHead(206, { etag: entry.etag, 'content-range': range, 'content-length': part.length }).end(part);
  }

  #list(bucket: string, query: URLSearchParams, response: ServerResponse): unknown {
    const [prefix, after] = [`${bucket}/${query.get('prefix') ?? ''}`, `${bucket}/${query.get('start-after') ?? ''}`];
    const keys = [...this.entries.keys()]
      .filter((key) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const contents = keys.slice(0, this.page).map((key) => {
      const { etag, bytes, modified } = this.entries.get(key)!;
      const name = escaped(key.slice(bucket.length + 1))
        .replaceAll('%2F', '/')
        .replaceAll('%20', '+');
      return `<Contents><Key>${name}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>&quot;${etag.slice(1, -1)}&quot;</ETag><Size>${bytes.length}</Size></Contents>`;
    });
    const truncated = keys.length > this.page;
    return response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(
        `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${truncated}</IsTruncated>${contents.join('')}</ListBucketResult>`,
      );
  }

  /** The error code for a request with a wrong signature; undefined if it is valid. */
  #refusal({ method, url, headers, headersDistinct }: IncomingMessage, body: Buffer): string | undefined {
    const [, id, date, region, names, signature] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      ) ?? [];
    if (id !== secrets.id) return 'InvalidAccessKeyId';
    if (headers['x-amz-security-token'] !== secrets.token) return 'InvalidToken';
    const time = String(headers['x-amz-date']);
    const [, year, month, day, hour, minute, second] = /^(....)(..)(..)T(..)(..)(..)Z$/.exec(time) ?? [];
    const moment = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    if (Math.abs(moment - Date.now() - this.ahead) > 900_000) return 'RequestTimeTooSkewed';
    const content = hex(body);
    if (headers['x-amz-content-sha256'] !== content) return 'XAmzContentSHA256Mismatch';
    const [path = '', search = ''] = url!.split('?');
    const query = [...new URLSearchParams(search)].map(([name, value]) => `${escaped(name)}=${escaped(value)}`).sort();
    const signed = names!.split(';');
    if (!['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'].every((name) => signed.includes(name)))
      return 'AccessDenied';
    const canonical = [
      method,
      escaped(decodeURIComponent(path)).replaceAll('%2F', '/'),
      query.join('&'),
      ...signed.map((name) => `${name}:${headersDistinct[name]!.join(',').trim().replace(/ +/g, ' ')}`),
      '',
      names,
      content,
    ].join('\n');
    const scope = `${date}/${region}/s3/aws4_request`;
    const derived = [date!, region!, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secrets.key}`);
    const expected = hmac(derived, ['AWS4-HMAC-SHA256', time, scope, hex(canonical)].join('\n')).toString('hex');
    return expected === signature ? undefined : 'SignatureDoesNotMatch';
  }
}

/** Responds with an S3 error; returns true, so it can be used as a fault. */
export function fail(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): true {
  const error = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>m</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(error);
  return true;
}

/** A fault that responds with arbitrary content. */
export function say(response: ServerResponse, body: string, headers: Record<string, string> = {}): true {
  response.writeHead(200, headers).end(body);
  return true;
}

/** A connection that breaks. */
export function hangUp(response: ServerResponse): true {
  response.destroy();
  return true;
}

/** A fault for the next `count` requests. */
export function times(count: number, fault: (response: ServerResponse, seen: Seen) => unknown): Fault {
  let left = count;
  return (response, seen) => {
    if (left-- <= 0) return false;
    fault(response, seen);
    return true;
  };
}
