import {
  addressOfEntry,
  definePlugin,
  defineStorage,
  FaroutError,
  type ListedEntries,
  type Storage,
  type StoredEntry,
} from '@farout/core';
import { placeOf, type Place } from './address.ts';
import { gone, xmlOf, type XmlTree } from './answers.ts';
import { Cache } from './cache.ts';
import { BucketClient, type Answered } from './client.ts';

/**
 * S3-compatible storage: Amazon S3, Ceph, MinIO, R2 and others. `s3://bucket/prefix` refers to everything below a prefix of a bucket; the usual
 * environment variables set server, region and credentials.
 */
export const s3 = defineStorage({
  name: 's3',
  about: { summary: 'Buckets of S3 and S3-compatible servers: s3://bucket/prefix.' },
  open: (address) => {
    const place = placeOf(address);
    return new S3Storage(place, new BucketClient(place.bucket), cache);
  },
});

/** The plugin with this storage. */
export const storages = definePlugin({ name: '@farout/s3', storages: [s3] });

/** One cache for all buckets, with a common limit. */
const cache = new Cache();

/** Larger entries are cached in the ranges in which they are read. */
const mostWhole = 2 ** 26;

interface Stretch {
  readonly offset?: number;
  readonly length?: number;
}

/** The storage below a prefix of a bucket. */
export class S3Storage implements Storage {
  readonly #prefix: string;
  readonly #client: BucketClient;
  readonly #cache: Cache;

  constructor({ prefix }: Pick<Place, 'prefix'>, client: BucketClient, local: Cache) {
    this.#prefix = prefix;
    this.#client = client;
    this.#cache = local;
  }

  readonly read = (key: string): Promise<Uint8Array | undefined> => this.#current(this.#prefix + key);

  readonly readRange = async (key: string, offset: number, length: number): Promise<Uint8Array | undefined> => {
    const whole = await this.#cache.read(this.#nameOf(this.#prefix + key));
    if (whole && isNamedByContent(key, whole.sha256)) return whole.bytes.subarray(offset, offset + length);
    return length === 0 ? new Uint8Array(0) : this.#current(this.#prefix + key, { offset, length });
  };

  readonly write = async (key: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> => {
    const body = bytes instanceof Uint8Array ? bytes : Buffer.concat(bytes);
    const answer = await this.#client.ask({ method: 'PUT', key: this.#prefix + key, body, statuses: [200, 201, 204] });
    await this.#keepWritten(this.#prefix + key, body, answer);
  };

  readonly create = async (key: string, body: Uint8Array): Promise<boolean> => {
    const full = this.#prefix + key;
    const headers = { 'if-none-match': '*' };
    const answer = await this.#client.ask({ method: 'PUT', key: full, headers, body, statuses: [200, 201, 204, 412] });
    // An earlier attempt whose response was lost may have created it.
    if (answer.status === 412) return answer.attempts > 1 && isSame(await this.#current(full), body);
    await this.#keepWritten(full, body, answer);
    return true;
  };

  readonly list = async (prefix: string, after?: string): Promise<ListedEntries> => {
    const whole = this.#prefix + prefix;
    const answer = await this.#client.ask({
      method: 'GET',
      key: '',
      query: {
        'list-type': '2',
        'encoding-type': 'url',
        prefix: whole,
        ...(after !== undefined && { 'start-after': this.#prefix + after }),
      },
      statuses: [200],
    });
    const page = pageOf(xmlOf(answer.body));
    if (!page || !isInOrder(page.entries, whole, after === undefined ? '' : this.#prefix + after))
      throw new FaroutError('OOD_STORAGE_FAILED', `the listing of s3://${this.#client.bucket}/${whole} is invalid`, {
        fix: 'The server must support ListObjectsV2, and list keys in byte order: directory buckets do not.',
      });
    return { more: page.more, entries: page.entries.map((entry) => this.#relative(entry)) };
  };

  readonly readVersion = async (
    { key, version }: Pick<StoredEntry, 'key' | 'version'>,
    stretch: Stretch = {},
  ): Promise<Uint8Array> => {
    const full = this.#prefix + key;
    const { offset = 0, length } = stretch;
    if (length === 0) return new Uint8Array(0);
    const name = this.#nameOf(full, version, offset, length ?? 'end');
    const known = await this.#cache.read(name);
    if (known?.version === version) return known.bytes;
    const etag = version.split(' ', 1)[0]!;
    const headers = { 'if-match': etag, ...rangeOf(stretch) };
    const answer = await this.#client.ask({
      method: 'GET',
      key: full,
      headers,
      statuses: [200, 206, 404, 412, 416],
      most: (length ?? 2 ** 30) + 1,
    });
    const asked = { method: 'GET', bucket: this.#client.bucket, key: full, region: '' };
    if (![200, 206].includes(answer.status) || answer.headers.get('etag') !== etag) throw gone(asked, answer.status);
    const bytes = this.#stretchIn(answer, full, stretch);
    if (length !== undefined && bytes.length !== length) throw gone(asked, 416);
    await this.#cache.write(name, bytes, version);
    return bytes;
  };

  readonly remove = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      await this.#client.ask({ method: 'DELETE', key: this.#prefix + key, statuses: [200, 204, 404] });
      await this.#cache.forget(this.#nameOf(this.#prefix + key));
    }
  };

  /** The current content of an entry or a range of it. Entries named by their content are never requested twice; others only revalidated. */
  async #current(full: string, stretch: Stretch = {}): Promise<Uint8Array | undefined> {
    const { offset, length } = stretch;
    const name = offset === undefined ? this.#nameOf(full) : this.#nameOf(full, offset, length!);
    const known = await this.#cache.read(name);
    if (known && offset === undefined && isNamedByContent(full, known.sha256)) return known.bytes;
    const headers = { ...(known && { 'if-none-match': known.version }), ...rangeOf(stretch) };
    const answer = await this.#client.ask({ method: 'GET', key: full, headers, statuses: [200, 206, 304, 404, 416] });
    if (answer.status === 304 && known) return known.bytes;
    if (answer.status === 404) return undefined;
    if (answer.status === 416) return new Uint8Array(0);
    const bytes = this.#stretchIn(answer, full, stretch);
    // A range that covers the whole entry is cached as the entry.
    const isWhole = offset === 0 && answer.headers.get('content-range')?.endsWith(`/${bytes.length}`) === true;
    await this.#keep(isWhole ? this.#nameOf(full) : name, bytes, answer);
    return bytes;
  }

  /** The requested range of a response: servers without range support send everything. */
  #stretchIn({ status, headers, body }: Answered, full: string, { offset = 0, length }: Stretch): Buffer {
    if (status === 200) return body.subarray(offset, length === undefined ? undefined : offset + length);
    if (
      headers.get('content-range')?.startsWith(`bytes ${offset}-${offset + body.length - 1}/`) &&
      body.length <= (length ?? Infinity)
    )
      return body;
    throw new FaroutError(
      'OOD_STORAGE_FAILED',
      `s3://${this.#client.bucket}/${full}: the server returned a different part than requested`,
    );
  }

  async #keepWritten(full: string, body: Uint8Array, answer: Answered): Promise<void> {
    if (body.length <= mostWhole) await this.#keep(this.#nameOf(full), body, answer);
    else await this.#cache.forget(this.#nameOf(full));
  }

  /** Caches bytes, unless there is no version to revalidate them by. */
  async #keep(name: string, bytes: Uint8Array, { headers }: Answered): Promise<void> {
    const etag = headers.get('etag');
    if (etag !== null) await this.#cache.write(name, bytes, etag);
  }

  /** The cache name of an entry; buckets of the same name on two servers are distinct. */
  #nameOf(full: string, ...stretch: readonly (string | number)[]): string {
    return JSON.stringify([this.#client.place, full, ...stretch]);
  }

  /** The version includes the address, because ETags of other servers may not identify the bytes. */
  #relative({ key, version, ...entry }: StoredEntry): StoredEntry {
    const address = addressOfEntry(`s3://${this.#client.bucket}`, key);
    return { ...entry, key: key.slice(this.#prefix.length), version: `${version} ${address}` };
  }
}

const isSame = (bytes: Uint8Array | undefined, other: Uint8Array) =>
  bytes !== undefined && Buffer.compare(bytes, other) === 0;

/** Whether the name of an entry is the SHA-256 of its bytes: then it never changes. */
const isNamedByContent = (key: string, sha256: string) =>
  key.slice(key.lastIndexOf('/') + 1).split('.', 1)[0] === sha256;

function rangeOf({ offset = 0, length }: Stretch): Readonly<Record<string, string>> {
  if (offset === 0 && length === undefined) return {};
  return { range: `bytes=${offset}-${length === undefined ? '' : offset + length - 1}` };
}

/** Parses a page of ListObjectsV2; undefined if it is not one. */
function pageOf(xml: XmlTree | undefined): ListedEntries | undefined {
  const { ListBucketResult: result } = xml ?? {};
  if (typeof result !== 'object' || Array.isArray(result)) return undefined;
  const { IsTruncated: truncated, Contents: contents = [] } = result as XmlTree;
  if ((truncated !== 'true' && truncated !== 'false') || !Array.isArray(contents)) return undefined;
  const entries = (contents as readonly XmlTree[]).map(entryOf);
  if (entries.some((entry) => entry === undefined)) return undefined;
  const more = truncated === 'true';
  // Continuing after an empty page would loop forever.
  return more && entries.length === 0 ? undefined : { entries: entries as StoredEntry[], more };
}

/** Whether entries are in ascending order after a key; otherwise continuing after the last one would loop forever or skip entries. */
function isInOrder(entries: readonly StoredEntry[], prefix: string, after: string): boolean {
  let last = Buffer.from(after);
  for (const { key } of entries) {
    const bytes = Buffer.from(key);
    if (!key.startsWith(prefix) || (last.length > 0 && Buffer.compare(bytes, last) <= 0)) return false;
    last = bytes;
  }
  return true;
}

function entryOf({ Key: key, ETag: etag, Size: size, LastModified: modified }: XmlTree): StoredEntry | undefined {
  if (typeof key !== 'string' || typeof etag !== 'string' || !/^(?:W\/)?"[^"\s]{1,200}"$/.test(etag)) return undefined;
  if (typeof size !== 'string' || !/^\d{1,15}$/.test(size) || typeof modified !== 'string') return undefined;
  const [name, time] = [decodedKey(key), Date.parse(modified)];
  return name === undefined || Number.isNaN(time)
    ? undefined
    : { key: name, size: Number(size), version: etag, modified: time };
}

/** With `encoding-type=url`, servers write a space as + or %20. */
function decodedKey(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
