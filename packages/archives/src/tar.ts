import { isUtf8 } from 'node:buffer';
import { Header } from 'tar';

/** The source of the bytes of a tar: a stream, or a range of a file. Positions are relative to its first byte. */
export interface TarBytes {
  /** The next `length` bytes; undefined at an end that needs no blocks of zeros. */
  take(length: number): Promise<Buffer | undefined>;
  /** Continues at a later position. */
  moveTo(place: number): Promise<void> | void;
}

/** The kind of a tar entry. */
export type TarKind =
  | 'file'
  | 'folder'
  | 'hard link'
  | 'symbolic link'
  | 'link'
  | 'device'
  | 'pipe'
  | 'sparse file'
  | 'entry of an unknown type';

/** A tar entry, and the position of its content. */
export interface TarEntry {
  /** As written in the header; not checked for paths that lead out. */
  readonly name: string;
  readonly kind: TarKind;
  readonly offset: number;
  readonly size: number;
}

const blockBytes = 512;
/** Size limit for a header that contains a name. */
const longestExtension = 64 * 1024;

/**
 * Yields the entries of a tar (ustar, long names of GNU and pax) in order. node-tar reads the headers. Anything that tar readers would interpret
 * differently is refused, such as two names or two sizes for one entry. Content is skipped unless the consumer reads it before the next entry.
 *
 * @param refuse - Makes an error from a sentence in which `it` is the archive.
 */
export async function* tarEntries(bytes: TarBytes, refuse: Refuse): AsyncGenerator<TarEntry> {
  let ahead: Ahead = {};
  for (let at = 0; ;) {
    const block = await bytes.take(blockBytes);
    if (block === undefined || isZero(block)) break;
    const { type, size, path } = readHeader(block, at, ahead.name, refuse);
    const offset = at + blockBytes;
    if (extensions.includes(type)) {
      if (size > longestExtension) throw refuse(`it has a header of ${size} bytes for a name`);
      const data = await bytes.take(size);
      if (!data) throw refuse('it is truncated');
      ahead = extended(ahead, type, data, refuse);
      at = behind(offset, size);
    } else {
      if (ahead.name === undefined) checkNames(block, refuse);
      const name = ahead.name ?? path;
      const entry = { name, offset, ...kindAndSize(type, size, name, ahead, refuse) };
      yield entry;
      ahead = {};
      at = behind(offset, entry.size);
    }
    await bytes.moveTo(at);
  }
  if (Object.keys(ahead).length > 0) throw refuse('it ends after a long-name header');
}

/** The position of the next header. */
const behind = (offset: number, size: number) => offset + Math.ceil(size / blockBytes) * blockBytes;

type Refuse = (message: string) => Error;

const longName = 'NextFileHasLongPath';
/** Headers that describe other entries. */
const extensions: readonly string[] = [longName, 'NextFileHasLongLinkpath', 'ExtendedHeader', 'GlobalExtendedHeader'];

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

interface OwnHeader {
  readonly type: string;
  readonly size: number;
  readonly path: string;
}

/** Parses a header; `name` is set if an earlier header gave the name. node-tar accepts sizes that other readers parse differently. */
function readHeader(block: Buffer, at: number, name: string | undefined, refuse: Refuse): OwnHeader {
  const header = decoded(block, name);
  if (!header?.cksumValid || !/^(?:ustar\x0000|ustar |\0{6})/.test(latin1(block.subarray(257, 265))))
    throw refuse(at === 0 ? 'it is not a tar file, or it is damaged' : `its header at byte ${at} is damaged`);
  const field = latin1(block.subarray(124, 136));
  const isBinary = field.charCodeAt(0) >= 0x80;
  if (isBinary ? header.size === undefined : !/^ *[0-7]*[ \0]*$/.test(field))
    throw refuse('an entry has no size, or an impossible one');
  // node-tar gives folders the size 0, whatever their headers say.
  if (header.type === 'Directory' && (isBinary || /[1-7]/.test(field))) throw refuse('a folder in it has content');
  return { type: header.type, size: header.size ?? 0, path: header.path ?? '' };
}

/** Undefined if its numbers are invalid or too large. */
function decoded(block: Buffer, name: string | undefined): Header | undefined {
  try {
    return new Header(block, 0, name === undefined ? undefined : { path: name });
  } catch {
    return undefined;
  }
}

/** A name ends at the first zero byte, and only zeros may follow, because readers disagree about anything else. ustar splits a name in two parts. */
function checkNames(block: Buffer, refuse: Refuse): void {
  for (const field of [block.subarray(0, 100), ...(block[262] === 0 ? [block.subarray(345, 500)] : [])]) {
    const end = field.indexOf(0);
    if (end >= 0 && !isZero(field.subarray(end))) throw refuse('a name in it continues after a zero byte');
    if (!isUtf8(field)) throw refuse(notUtf8);
  }
}

const notUtf8 = 'a name in it is not UTF-8';

const kinds: Readonly<Record<string, TarKind>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  Link: 'hard link',
  SymbolicLink: 'symbolic link',
  CharacterDevice: 'device',
  BlockDevice: 'device',
  FIFO: 'pipe',
  SparseFile: 'sparse file',
};
const withoutContent: readonly TarKind[] = ['hard link', 'symbolic link', 'device', 'pipe'];
/** The size field of a header has eleven octal digits. */
const firstOutsideField = 2 ** 33;

function kindAndSize(
  type: string,
  own: number,
  name: string,
  { size = own, isLink, isSparse }: Ahead,
  refuse: Refuse,
): { kind: TarKind; size: number } {
  const kind = kinds[type] ?? 'entry of an unknown type';
  if (size !== own && size < firstOutsideField)
    throw refuse("a pax header in it contradicts the size in an entry's own header");
  if (withoutContent.includes(kind)) return { kind, size: 0 };
  if (isSparse) return { kind: 'sparse file', size };
  if (kind !== 'file') return { kind, size };
  if (isLink) return { kind: 'link', size };
  if (!name.endsWith('/')) return { kind, size };
  if (size > 0) throw refuse('a folder in it has content');
  return { kind: 'folder', size };
}

/** What preceding headers say about an entry. */
interface Ahead {
  readonly name?: string;
  readonly size?: number;
  readonly isLink?: true;
  readonly isSparse?: true;
  /** Whether one of them is a pax header. */
  readonly isPax?: true;
}

function extended(ahead: Ahead, type: string, data: Buffer, refuse: Refuse): Ahead {
  if (type === 'NextFileHasLongLinkpath') return { ...ahead, isLink: true };
  const isGnu = type === longName;
  const said = isGnu ? { name: textOf(data.at(-1) === 0 ? data.subarray(0, -1) : data, refuse) } : paxOf(data, refuse);
  if (type === 'GlobalExtendedHeader') {
    if (Object.keys(said).length > 1) throw refuse('a pax header in it sets the name or size of all entries at once');
    return ahead;
  }
  if (ahead.name !== undefined && (isGnu || said.name !== undefined)) throw refuse(twoNames);
  if (ahead.isPax && !isGnu) throw refuse(twoNames);
  return { ...ahead, ...said };
}

const twoNames = 'an entry has two long names';

function textOf(bytes: Buffer, refuse: Refuse): string {
  if (!isUtf8(bytes)) throw refuse(notUtf8);
  return bytes.toString('utf8');
}

function paxOf(data: Buffer, refuse: Refuse): Ahead {
  const records = paxRecords(data, refuse);
  const [path, size] = [records.get('path'), records.get('size')?.toString('latin1')];
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw refuse('a pax header in it has an invalid size');
  return {
    isPax: true,
    ...(path && { name: textOf(path, refuse) }),
    ...(size !== undefined && { size: Number(size) }),
    ...(records.has('linkpath') && { isLink: true }),
    ...([...records.keys()].some((key) => key.startsWith('GNU.sparse')) && { isSparse: true }),
  };
}

/**
 * Parses consecutive records `<length> <key>=<value>\n`. node-tar reads them line by line: it skips records with a wrong length, ends values at
 * a zero byte, accepts 1e3 as a size, lets the last duplicate win, and does not report sparse files.
 */
function paxRecords(data: Buffer, refuse: Refuse): ReadonlyMap<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < data.length;) {
    const [head = '', digits] = /^([0-9]{1,6}) /.exec(data.toString('latin1', at, at + 8)) ?? [];
    const end = at + Number(digits);
    const equals = data.indexOf(0x3d, at + head.length);
    if (!(end <= data.length && equals > at + head.length && equals < end && data[end - 1] === 0x0a))
      throw refuse('a pax header in it is damaged');
    const key = data.toString('latin1', at + head.length, equals);
    if (records.has(key)) throw refuse('a pax header in it has a duplicate key');
    records.set(key, data.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}
