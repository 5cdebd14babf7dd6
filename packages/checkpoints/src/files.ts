import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { FaroutError, printable, type ErrorCode, type NDArray } from '@farout/core';

/** Without O_NONBLOCK, opening a pipe would wait for a writer, perhaps forever. Windows has no such flag; it counts as 0 there. */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a file while `use` runs.
 *
 * @throws FaroutError OOD_MISSING_FILE when there is no such file or it cannot be opened.
 */
export async function withFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const handle = await open(path, withoutWaiting).catch((cause: unknown) => {
    throw missing(`${path} cannot be opened`, cause);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw missing(`${path} is not a file`);
    return await use(new OpenFile(handle, stats.size));
  } finally {
    await handle.close();
  }
}

const missing = (message: string, cause?: unknown) =>
  new FaroutError('OOD_MISSING_FILE', message, { fix: 'Name a file that exists and is readable.', cause });

/** The maximum size of one read; Node rejects 2 GiB and more. */
const largestRead = 2 ** 30;

/**
 * How far small reads look ahead. The parts of a checkpoint are mostly small and adjacent, and a round trip to the file costs more than
 * they do; looking ahead reduces ResNet-50's 1,300 reads to 170.
 */
const lookAhead = 2 ** 14;

/** A file that can be read at any position, never past its end. */
export class OpenFile {
  readonly size: number;
  readonly #handle: FileHandle;
  #ahead = { start: 0, bytes: new Uint8Array(0) };

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  /**
   * Reads `length` bytes from `position` on into a new buffer.
   *
   * @throws Refusal when the file is too short, before any memory is allocated; `what` names the part in the message.
   */
  async read(position: number, length: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    if (!(position + length <= this.size)) {
      throw new Refusal(`${what} would end at byte ${position + length}, but the file has ${this.size} bytes`);
    }
    if (length > lookAhead / 2) return this.#fetch(position, length, what);
    const { start, bytes } = this.#ahead;
    if (position < start || position + length > start + bytes.length) {
      const fetched = await this.#fetch(position, Math.min(lookAhead, this.size - position), what);
      this.#ahead = { start: position, bytes: fetched };
      return fetched.slice(0, length);
    }
    return bytes.slice(position - start, position - start + length);
  }

  async #fetch(position: number, length: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const wanted = Math.min(length - done, largestRead);
      const { bytesRead } = await this.#handle.read(bytes, done, wanted, position + done);
      if (bytesRead === 0) throw new Refusal(`the file became shorter while ${what} was read`);
      done += bytesRead;
    }
    return bytes;
  }
}

/** The location of an array in a file. */
export interface ArrayPlace {
  readonly shape: readonly number[];
  /** The first byte of its elements, in row-major order. */
  readonly start: number;
  /** Bytes of an element in the file. */
  readonly size: number;
  /** Decodes the elements from a buffer of their own. */
  readonly decode: (bytes: ArrayBuffer) => NDArray['data'];
}

/**
 * Why bytes are rejected. Thrown by the parsers, which do not know the file; the package's exported functions turn it into a FaroutError
 * that names the file.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly fix: string;

  /** `what` is a sentence without a full stop, `fix` a full sentence. */
  constructor(what: string, fix = 'The file is damaged: download or copy it again.', options?: ErrorOptions) {
    super(what, options);
    this.fix = fix;
  }
}

/** Converts a refusal to the FaroutError that the caller sees; other errors are returned unchanged. */
export function withSource(error: unknown, code: ErrorCode, source: string): unknown {
  if (!(error instanceof Refusal)) return error;
  return new FaroutError(code, `${source}: ${error.message}`, { fix: error.fix, cause: error });
}

const longest = 80;

/** Text from a file, safe to print in an error: at most 80 characters, without terminal control characters. */
export const shown = (text: string): string => printable(text.slice(0, longest)) + (text.length > longest ? '…' : '');

/** Something found in place of a data file: how it begins, what it is, and how to get the actual file. */
type Impostor = readonly [begins: RegExp, what: string, fix: string];

const again = 'Download the file again, and sign in first if that is required.';

/** What no data file begins with. */
const texts: readonly Impostor[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\//,
    'it is a Git LFS pointer, not the file itself',
    'Fetch the file: run git lfs pull in its repository, or download it from its page.',
  ],
  [
    /^<(!doctype html|html|head|body|!--)/i,
    'it is a web page (HTML), not the file that it should lead to',
    'Download the file itself, with "download" or "raw" on that page, and sign in first if that is required.',
  ],
  [/^(<\?xml|<error>)/i, "it is XML, such as a server's error response", again],
];

/** The same for beginnings that data files may also have; checked last. */
const others: readonly Impostor[] = [
  [/^\{\s*"/, "it is JSON, such as a server's error response", again],
  [
    /^(not found|entry not found|access denied|forbidden|unauthorized|invalid (username|credentials)|error)\b/i,
    "it is text, such as a server's error response",
    again,
  ],
  [/^\x1f\x8b/, 'it is compressed with gzip', 'Unpack it first: gunzip, or tar xzf.'],
  [/^(7z\xbc\xaf|\xfd7zXZ|BZh)/, 'it is a compressed archive', 'Unpack it first.'],
];

/** How far into a file a page may begin, after a byte order mark and blanks. */
const looked = 256;

/**
 * Recognises what a failed download or checkout left in place of a file; undefined if it seems to be neither. `strict`: only what no data
 * file begins with.
 */
export async function impostor(file: OpenFile, strict: 'strict' | 'any'): Promise<Refusal | undefined> {
  if (file.size === 0) return new Refusal('it is empty', 'Download or copy it again.');
  const bytes = Buffer.from(await file.read(0, Math.min(looked, file.size), 'the beginning')).toString('latin1');
  const start = bytes.replace(/^\xef\xbb\xbf/, '').trimStart();
  const found = (strict === 'strict' ? texts : [...texts, ...others]).find(([begins]) => begins.test(start));
  return found && new Refusal(found[1], found[2]);
}
