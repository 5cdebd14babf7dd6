import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { FaroutError, printable } from '@farout/core';
import type { Address } from '../address.ts';
import type { Environment } from './dispatcher.ts';
import { Broken, Restart, Slow, Useless } from './faults.ts';
import type { Part } from './part.ts';
import { request, type Response } from './request.ts';
import { hasChecksum, type FileSource } from './source.ts';

/** Timeouts of a transfer. */
export interface Patience {
  /** How long the address may send nothing, in ms. */
  readonly silence: number;
  /** The minimum rate in bytes per second, on average over `over` ms. */
  readonly slowest: number;
  readonly over: number;
}

/** Options of a transfer. */
export interface TransferOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** Whether requesting only the missing part is allowed. */
  readonly mayResume: boolean;
  /** Called with the current length of the part in bytes, and with the total size if it is known. */
  readonly reached: (length: number, size?: number) => void;
}

/**
 * Requests the missing part of a file once, and appends it to the part.
 *
 * @throws Broken or Useless, a FaroutError, or a connection error.
 */
export async function transfer(
  source: FileSource,
  address: Address,
  part: Part,
  options: TransferOptions,
): Promise<void> {
  const { env, signal, patience } = options;
  const isResumed = options.mayResume && canResume(source, address, part);
  const { response, from } = await request(address, {
    env,
    signal,
    silence: patience.silence,
    headers: isResumed ? rangeFrom(address, part) : {},
  });
  // At once: otherwise data that arrives during disk access is lost if the connection breaks.
  const body = piped(response.body);
  try {
    refuseStatus(response, address);
    refuseEncoding(response, source, from);
    if (/\bhtml\b/i.test(response.headers['content-type'] ?? '')) throw await webPage(body.stream, from);
    if (response.status === 206) checkRange(response, source, address, part);
    else await beginAnew(response, source, address, part);
    options.reached(part.length, part.size);
    await refuseFullDisk(part);
    await receive(response, body, from, part, options);
  } finally {
    response.end();
    body.stream.destroy();
  }
}

/** With a strong ETag of the same address, the server reports whether the file is the same; with a checksum, the end result shows it. */
const canResume = (source: FileSource, address: Address, part: Part): boolean =>
  part.length > 0 && ((part.isFrom(address) && part.etag !== undefined) || hasChecksum(source));

function rangeFrom(address: Address, part: Part): Record<string, string> {
  const condition = part.isFrom(address) && part.etag !== undefined ? { 'if-range': part.etag } : {};
  return { range: `bytes=${part.length}-`, ...condition };
}

const perhapsLater = [408, 425, 429, 500, 502, 503, 504];

function refuseStatus({ status, statusText, headers }: Response, { shown }: Address): void {
  if (status === 200 || status === 206) return;
  const answered = printable(`${shown} answers ${status} ${statusText}`.trimEnd());
  if (status === 416) throw new Restart(`${answered}: the file is now shorter`);
  if (perhapsLater.includes(status)) throw new Broken(answered, retryAfter(headers['retry-after']));
  throw new Useless(answered);
}

/** Parses Retry-After, seconds or a date, to ms from now. */
export function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** Some servers declare a .gz file as "encoded": the checksum then shows whether the bytes are those of the file. */
function refuseEncoding({ headers }: Response, source: FileSource, { shown }: Address): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity' || encoding === '' || source.sha256 !== undefined) return;
  throw new Useless(printable(`${shown} sends the file encoded (${encoding}), which was not requested`));
}

const mostOfPage = 64 * 1024;
const longestForPage = 5000;

async function webPage(body: Readable, { shown }: Address, start = ''): Promise<Useless> {
  let text = start;
  const timer = setTimeout(() => body.destroy(), longestForPage);
  try {
    for await (const chunk of body) {
      text += (chunk as Buffer).toString('utf8');
      if (text.length > mostOfPage) break;
    }
  } catch {
    // What arrived is quoted.
  } finally {
    clearTimeout(timer);
  }
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? text.replace(/<[^>]*>/g, ' ');
  const quoted = printable(title.replace(/\s+/g, ' ').trim()).slice(0, 120);
  return new Useless(`${shown} returned a web page instead of the file: "${quoted}"`);
}

const isPage = (bytes: Buffer) => /^\s*(<!doctype html|<html)/i.test(bytes.subarray(0, 100).toString('latin1'));

/** @throws Restart when a partial response does not continue the existing bytes. */
function checkRange({ headers }: Response, source: FileSource, address: Address, part: Part): void {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  const size = total === undefined || total === '*' ? undefined : Number(total);
  if (Number(from) !== part.length || Number(to) < part.length)
    throw new Restart(`${address.shown} returned a different part of the file than requested`);
  const isKnown = part.isFrom(address) && part.etag !== undefined;
  const isSame = isKnown ? headers.etag === part.etag : hasChecksum(source);
  if (!isSame || differs(size, part.size))
    throw new Restart(`the file at ${address.shown} changed during the download`);
}

const differs = (a: number | undefined, b: number | undefined) => a !== undefined && b !== undefined && a !== b;

async function beginAnew(response: Response, source: FileSource, address: Address, part: Part): Promise<void> {
  const { headers } = response;
  const size = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (differs(size, source.size))
    throw new Useless(`${address.shown} has ${size ?? 0} bytes instead of ${source.size ?? 0}`);
  if (size === undefined && headers['transfer-encoding'] === undefined && !hasChecksum(source) && !source.size)
    throw new Useless(`${address.shown} does not say where the file ends, so its completeness cannot be checked`);
  await part.begin(address, { etag: strong(headers.etag), size: size ?? source.size });
}

const strong = (etag: string | undefined) => (etag?.startsWith('"') ? etag : undefined);

async function refuseFullDisk({ target, size = 0, length }: Part): Promise<void> {
  const folder = path.dirname(target);
  const { bavail, bsize } = await statfs(folder);
  if (size - length > bavail * bsize)
    throw new FaroutError(
      'OOD_NO_SPACE',
      `${path.basename(target)} needs ${size - length} more bytes, but ${folder} has only ${bavail * bsize} free`,
      { fix: 'Free some space, and run the same command again: the download resumes.' },
    );
}

/** Appends incoming data to the part, as long as it arrives fast enough. */
async function receive(
  response: Response,
  { stream, ended }: Body,
  from: Address,
  part: Part,
  { patience, signal, reached }: TransferOptions,
): Promise<void> {
  const began = part.length;
  const watch = watchdog(response, patience, () => part.length - began, from);
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      if (part.length === 0 && isPage(bytes)) throw await webPage(stream, from, bytes.toString());
      if (part.size !== undefined && part.length + bytes.length > part.size)
        throw new Useless(`${from.shown} sent more than the ${part.size} bytes of the file`);
      await part.append(bytes);
      reached(part.length, part.size);
    }
  } finally {
    clearInterval(watch);
  }
  const fault = await ended;
  signal.throwIfAborted();
  if (fault instanceof Broken) throw fault;
  // Of a server that is out of order, as it happens; no file of anybody's is empty.
  if (!fault && part.length === 0) throw new Broken(`${from.shown} sent an empty file`);
  if (fault ?? (part.size !== undefined && part.length < part.size))
    throw new Broken(`${from.shown} disconnected after ${part.length} of ${part.size ?? 'unknown'} bytes`);
}

/** The data of a response, and finally its error, if any. */
interface Body {
  readonly stream: PassThrough;
  readonly ended: Promise<Error | undefined>;
}

/** Passes on data that arrived before the connection broke; reading the response directly would drop it. */
function piped(body: Readable): Body {
  // A response that waits for the disk loses its buffered data when the connection breaks.
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  const ended = new Promise<Error | undefined>((resolve) => {
    body.on('error', (error) => {
      resolve(error);
      stream.end();
    });
    body.on('end', () => resolve(undefined));
  });
  body.pipe(stream);
  return { stream, ended };
}

/** Ends a response that stalls or is too slow. */
function watchdog(
  response: Response,
  { silence, slowest, over }: Patience,
  received: () => number,
  { shown }: Address,
): NodeJS.Timeout {
  const samples: { at: number; bytes: number }[] = [{ at: Date.now(), bytes: 0 }];
  let last = samples[0]!;
  return setInterval(
    () => {
      const now = { at: Date.now(), bytes: received() };
      if (now.bytes > last.bytes) last = now;
      else if (now.at - last.at >= silence) response.end(new Broken(`${shown} sent nothing for ${silence / 1000} s`));
      samples.push(now);
      while (samples.length > 1 && now.at - samples[1]!.at >= over) samples.shift();
      const { at, bytes } = samples[0]!;
      if (now.at - at >= over && ((now.bytes - bytes) * 1000) / (now.at - at) < slowest)
        response.end(new Slow(`${shown} sent less than ${slowest} bytes a second`));
    },
    Math.min(silence, over) / 4,
  );
}
