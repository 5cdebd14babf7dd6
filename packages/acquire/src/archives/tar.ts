import { refusal } from './names.ts';

/** A file or a folder in an archive. */
export interface ArchiveEntry {
  /** As it is written there, nothing decoded. */
  readonly name: Uint8Array;
  readonly isFolder: boolean;
  readonly size: number;
  /** Exactly `size` bytes; to be read to the end before the next entry. */
  readonly content: AsyncIterable<Uint8Array>;
}

const block = 512;
/** Of a name that does not fit into a header. */
const longestExtension = 64 * 1024;

/**
 * The entries of a tar (ustar, GNU's and pax' long names), one after the other. Everything else that a tar can hold is refused: links, devices,
 * sparse files, sizes that pax overrides, whatever follows the end.
 *
 * @throws FaroutError OOD_ARCHIVE_REFUSED
 */
export async function* readTar(archive: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const refuse = (message: string) => refusal(archive, message);
  const reader = new BlockReader(bytes, refuse);
  let longName: Uint8Array | undefined;
  let pax = new Map<string, Uint8Array>();
  for (;;) {
    const header = await reader.read(block);
    if (isZero(header)) break;
    const { type, size, name } = readHeader(header, refuse);
    if (type === 'L' || type === 'x' || type === 'g') {
      if (size > longestExtension) throw refuse('it has a name of more than 64 KB');
      const data = await reader.readPadded(size);
      if (type === 'L' ? longName !== undefined : pax.size > 0) throw refuse('an entry in it has two long names');
      if (type === 'L') longName = data.subarray(0, data.at(-1) === 0 ? -1 : undefined);
      else if (type === 'x') pax = readPax(data, refuse);
      else refuseGlobal(readPax(data, refuse), refuse);
      continue;
    }
    const declared = pax.get('size');
    if (declared !== undefined && Number(text(declared)) !== size)
      throw refuse('a pax header in it gives an entry another size than its own header');
    if (pax.has('path') && longName !== undefined) throw refuse('an entry in it has two long names');
    const own = pax.get('path') ?? longName ?? name;
    const isFolder = type === '5' || (type === '0' && own.at(-1) === 0x2f);
    if (isFolder && size > 0) throw refuse('a folder in it has content');
    const content = reader.content(size);
    yield { name: own, isFolder, size, content };
    await content.rest();
    longName = undefined;
    pax = new Map();
  }
  if (longName !== undefined || pax.size > 0) throw refuse('it ends after a long name');
  await reader.onlyZeros();
}

type Refuse = (message: string) => Error;

const text = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

/** What a type of entry is called that is not unpacked. */
const refusedTypes: Readonly<Record<string, string>> = {
  1: 'a hard link',
  2: 'a symbolic link',
  3: 'a device',
  4: 'a device',
  6: 'a pipe',
  K: 'a link',
  S: 'a sparse file',
};

function readHeader(header: Uint8Array, refuse: Refuse): { type: string; size: number; name: Uint8Array } {
  checkSum(header, refuse);
  const written = text(header.subarray(156, 157));
  const type = written === '\0' || written === '7' ? '0' : written;
  if (!['0', '5', 'L', 'x', 'g'].includes(type))
    throw refuse(`it holds ${refusedTypes[type] ?? 'an entry of an unknown type'}`);
  const magic = text(header.subarray(257, 263));
  if (!['ustar\0', 'ustar ', '\0\0\0\0\0\0'].includes(magic)) throw refuse('it is no tar, or a damaged one');
  const prefix = magic === 'ustar\0' ? untilZero(header.subarray(345, 500), refuse) : new Uint8Array();
  const name = untilZero(header.subarray(0, 100), refuse);
  const whole = prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name;
  return { type, size: readSize(header.subarray(124, 136), refuse), name: whole };
}

/** The sum of a header's bytes, with blanks where it is written itself. */
function checkSum(header: Uint8Array, refuse: Refuse): void {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (octal(header.subarray(148, 156)) !== sum) throw refuse('it is no tar, or a damaged one');
}

/** A name ends at the first zero, and what follows must be zeros too: readers would disagree about all else. */
function untilZero(field: Uint8Array, refuse: Refuse): Uint8Array {
  const end = field.indexOf(0);
  if (end < 0) return field;
  if (!isZero(field.subarray(end))) throw refuse('a name in it goes on behind a zero byte');
  return field.subarray(0, end);
}

function octal(field: Uint8Array): number | undefined {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(text(field))?.[1];
  return digits === undefined ? undefined : parseInt(digits, 8);
}

/** Octal digits, or GNU's binary number of large files. */
function readSize(field: Uint8Array, refuse: Refuse): number {
  const size = field[0] === 0x80 ? Number(BigInt(`0x${Buffer.from(field.subarray(1)).toString('hex')}`)) : octal(field);
  if (size === undefined || !Number.isSafeInteger(size))
    throw refuse('an entry in it has no size, or an impossible one');
  return size;
}

/** Records `<length> <key>=<value>\n`, one behind the other. */
function readPax(data: Uint8Array, refuse: Refuse): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  for (let at = 0; at < data.length;) {
    const [head = '', digits] = /^([0-9]{1,6}) /.exec(text(data.subarray(at, at + 8))) ?? [];
    const length = Number(digits);
    const record = data.subarray(at + head.length, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (!(length > head.length) || at + length > data.length || data[at + length - 1] !== 0x0a || equals < 1)
      throw refuse('a pax header in it is damaged');
    const key = text(record.subarray(0, equals));
    if (records.has(key)) throw refuse('a pax header in it says something twice');
    if (key === 'linkpath' || key.startsWith('GNU.sparse')) throw refuse('it holds a link or a sparse file');
    records.set(key, record.subarray(equals + 1));
    at += length;
  }
  return records;
}

function refuseGlobal(records: ReadonlyMap<string, Uint8Array>, refuse: Refuse): void {
  if (records.has('path') || records.has('size'))
    throw refuse('a pax header in it names or measures all entries at once');
}

/** Reads exactly so many bytes at a time. */
class BlockReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #refuse: Refuse;
  #rest: Uint8Array = new Uint8Array();

  constructor(bytes: AsyncIterable<Uint8Array>, refuse: Refuse) {
    this.#chunks = bytes[Symbol.asyncIterator]();
    this.#refuse = refuse;
  }

  /** At least one byte, at most so many; none at the end. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return new Uint8Array();
      this.#rest = next.value;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  async read(length: number): Promise<Uint8Array> {
    const first = await this.some(length);
    if (first.length === length) return first;
    const parts = [first];
    for (let missing = length - first.length; missing > 0; missing -= parts.at(-1)!.length)
      parts.push(await this.#more(missing));
    return Buffer.concat(parts);
  }

  async #more(most: number): Promise<Uint8Array> {
    const taken = await this.some(most);
    if (taken.length === 0) throw this.#refuse('it ends in the middle');
    return taken;
  }

  async readPadded(size: number): Promise<Uint8Array> {
    return (await this.read(Math.ceil(size / block) * block)).subarray(0, size);
  }

  /** An entry's bytes as they come, and what of them and their padding nobody has read. */
  content(size: number): AsyncIterable<Uint8Array> & { rest: () => Promise<void> } {
    let left = size;
    const next = async () => {
      const taken = await this.#more(left);
      left -= taken.length;
      return taken;
    };
    return {
      async *[Symbol.asyncIterator]() {
        while (left > 0) yield await next();
      },
      rest: async () => {
        while (left > 0) await next();
        const padding = (block - (size % block)) % block;
        if (padding > 0) await this.read(padding);
      },
    };
  }

  async onlyZeros(): Promise<void> {
    for (let part = await this.some(1 << 20); part.length > 0; part = await this.some(1 << 20))
      if (!isZero(part)) throw this.#refuse('something follows its end');
  }
}
