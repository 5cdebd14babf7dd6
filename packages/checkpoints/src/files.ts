import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { FaroutError, printable, type ErrorCode, type NDArray } from '@farout/core';

/** To open a pipe would wait for somebody who writes to it, perhaps forever. Windows has no such flag, which then counts as 0. */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a file for as long as `use` runs.
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

/** The most that one read asks for; Node refuses 2 GiB and more. */
const largestRead = 2 ** 30;

/**
 * How far small reads look ahead. The parts of a checkpoint are mostly small and next to each other, and a round trip to
 * the file costs more than they do: with it, ResNet-50's 1,300 reads are 170.
 */
const lookAhead = 2 ** 14;

/** A file that is read at any place, and never past its end. */
export class OpenFile {
  readonly size: number;
  readonly #handle: FileHandle;
  #ahead = { start: 0, bytes: new Uint8Array(0) };

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  /**
   * `length` bytes from `position` on, in a buffer of their own.
   *
   * @throws Refusal when the file does not reach that far; `what` says in it what was looked for. No memory is taken then.
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

/** Where an array lies in a file. */
export interface ArrayPlace {
  readonly shape: readonly number[];
  /** The first byte of its elements, in row-major order. */
  readonly start: number;
  /** Bytes of an element in the file. */
  readonly size: number;
  /** Elements out of bytes of their own. */
  readonly decode: (bytes: ArrayBuffer) => NDArray['data'];
}

/**
 * Why bytes are not taken. The parsers throw it, for they do not know whose bytes they read; the functions that the
 * package exports turn it into a FaroutError that names the file.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly fix: string;

  /** `what` is a sentence without a full stop, `fix` a whole one. */
  constructor(what: string, fix = 'The file is damaged: download or copy it again.', options?: ErrorOptions) {
    super(what, options);
    this.fix = fix;
  }
}

/** A refusal as the FaroutError that the caller sees; any other error as it is. */
export function withSource(error: unknown, code: ErrorCode, source: string): unknown {
  if (!(error instanceof Refusal)) return error;
  return new FaroutError(code, `${source}: ${error.message}`, { fix: error.fix, cause: error });
}

const longest = 80;

/** Text out of a file, as an error may print it: at most 80 characters, and none that a terminal would obey. */
export const shown = (text: string): string => printable(text.slice(0, longest)) + (text.length > longest ? '…' : '');

/** How something begins that lies where a file of numbers should, what it is, and how the file itself is had. */
type Impostor = readonly [begins: RegExp, what: string, fix: string];

const again = 'Download the file again, and sign in first if that is required.';

/** What no numbers begin with. */
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

/** The same where something else may begin so too: looked at once nothing else fits. */
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

/** How far into a file a page may begin, behind a byte order mark and blanks. */
const looked = 256;

/**
 * What a download or a checkout left in the place of a file; undefined when it seems to be none of that. `strict`: only what
 * no file of numbers begins with.
 */
export async function impostor(file: OpenFile, strict: 'strict' | 'any'): Promise<Refusal | undefined> {
  if (file.size === 0) return new Refusal('it is empty', 'Download or copy it again.');
  const bytes = Buffer.from(await file.read(0, Math.min(looked, file.size), 'the beginning')).toString('latin1');
  const start = bytes.replace(/^\xef\xbb\xbf/, '').trimStart();
  const found = (strict === 'strict' ? texts : [...texts, ...others]).find(([begins]) => begins.test(start));
  return found && new Refusal(found[1], found[2]);
}
