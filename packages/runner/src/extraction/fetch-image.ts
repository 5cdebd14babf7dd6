import type { ImageAddress, Stretch } from '@farout/core';
import { EntryGone, schemeOf, storedAt } from '@farout/core/storages';

/** An address, or a range of bytes behind it. The version matters only for addresses of a storage. */
type Address = Pick<ImageAddress, 'url' | keyof Stretch> & Partial<Pick<ImageAddress, 'version'>>;

/** Why an image could not be fetched from its address. Temporary: the server may answer later. */
export class AddressFault extends Error {
  override readonly name = 'AddressFault';
}

/** Timeouts in milliseconds: `silence` for the answer and between pieces of it, `whole` for the entire transfer. */
export const patience = { silence: 30_000, whole: 600_000 };

/** Maximum number of redirects. */
const mostRedirects = 5;

/** Maximum size of an image, in bytes. */
const mostBytes = 2 ** 30;

/**
 * The bytes behind an address, piece by piece: GET, with a range request for a part. If a server ignores ranges and
 * sends everything, the part is cut out here. Messages name only the host: the rest of an address may contain a
 * signature. Addresses of a storage plugin are read by that plugin.
 *
 * @throws AddressFault for a status other than 200 or 206, a wrong length, more than 1 GiB, a timeout, or a version that a storage no
 *   longer has. FaroutError if a storage cannot be accessed at all, which is not the image's fault.
 */
export async function* fetchImage(address: Address, { silence, whole } = patience): AsyncGenerator<Uint8Array> {
  if (address.length === 0) return;
  if (schemeOf(address.url) !== undefined) {
    yield await storedImage(address);
    return;
  }
  if (isOffline())
    throw new AddressFault(`${hostOf(address)} was not requested: network access is turned off (FAROUT_OFFLINE)`);
  const stop = new AbortController();
  const silent = setTimeout(() => stop.abort(), silence);
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(whole)]);
  try {
    const response = await answerOf(new URL(address.url), address, signal);
    for await (const piece of stretchOf(response, address)) {
      silent.refresh();
      yield piece;
    }
  } catch (error) {
    if (error instanceof AddressFault) throw error;
    throw new AddressFault(`${hostOf(address)} ${signal.aborted ? 'did not answer in time' : failureOf(error)}`);
  } finally {
    clearTimeout(silent);
    stop.abort();
  }
}

async function storedImage({ url, version = '', offset, length }: Address): Promise<Uint8Array> {
  const { storage, key } = await storedAt(url);
  try {
    return await storage.readVersion(
      { key, version },
      { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) },
    );
  } catch (error) {
    if (error instanceof EntryGone) throw new AddressFault(error.message);
    throw error;
  }
}

/** Like `isOffline` of @farout/acquire, which would load more than a worker needs. */
const isOffline = () => !['', '0'].includes(process.env.FAROUT_OFFLINE ?? '');

const hostOf = ({ url }: Address) => new URL(url).host;

/** Some messages of fetch contain the address; the cause has the system's error code. */
function failureOf(error: unknown): string {
  const { cause } = (error ?? {}) as { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === 'string' ? `cannot be read (${cause.code})` : 'cannot be read';
}

/** The response after all redirects. */
async function answerOf(first: URL, stretch: Stretch, signal: AbortSignal): Promise<Response> {
  let url = first;
  // A compressed response would have other lengths and ranges than the file.
  const headers = { 'accept-encoding': 'identity', ...rangeOf(stretch) };
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const response = await fetch(url, { headers, signal, redirect: 'manual' });
    const { status } = response;
    const next = response.headers.get('location');
    if (status === 200 || status === 206) return response;
    await response.body?.cancel();
    if (status < 300 || status > 399 || next === null)
      throw new AddressFault(`${url.host} answers with status ${status}`);
    url = new URL(next, url);
    if (!isWebAddress(url)) throw new AddressFault(`${first.host} redirects to an address other than http or https`);
  }
  throw new AddressFault(`${first.host} redirects more than ${mostRedirects} times`);
}

/** http or https, without credentials, which fetch refuses. */
export const isWebAddress = ({ protocol, username, password }: URL): boolean =>
  /^https?:$/.test(protocol) && username === '' && password === '';

function rangeOf({ offset = 0, length }: Stretch): Readonly<Record<string, string>> {
  if (offset === 0 && length === undefined) return {};
  return { range: `bytes=${offset}-${length === undefined ? '' : offset + length - 1}` };
}

/** The requested range of a response: all of a partial response, or the part cut from a full one. */
async function* stretchOf(response: Response, { url, offset = 0, length }: Address): AsyncGenerator<Uint8Array> {
  const { host } = new URL(url);
  const isPart = response.status === 206;
  const expected = isPart ? lengthOfPart(response, { url, offset, ...(length !== undefined && { length }) }) : length;
  let [left, skipped, read] = [expected ?? Infinity, isPart ? 0 : offset, 0];
  const pieces: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  for await (const piece of pieces) {
    read += piece.length;
    if (read > mostBytes) throw new AddressFault(`${host} sent more than 1 GiB`);
    if (isPart && piece.length > left) throw new AddressFault(`${host} sent more bytes than it announced`);
    const wanted = piece.subarray(skipped, skipped + left);
    skipped = Math.max(0, skipped - piece.length);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (left === 0 && !isPart) return;
  }
  if (skipped > 0 || (left > 0 && left < Infinity)) throw new AddressFault(`${host} sent fewer bytes than requested`);
}

/** The length of a partial response, which must be the part that was requested. */
function lengthOfPart({ headers }: Response, { url, offset, length }: Address): number {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const given = Number(last) + 1 - Number(first);
  if (Number(first) === offset && given === (length ?? Number(total) - offset)) return given;
  throw new AddressFault(`${hostOf({ url })} returned a different part than requested`);
}
