import { PackedFile } from './packed-file.ts';
import { Unpacked } from './unpacked.ts';

/** Reads bytes of the file, or of an unpacked part of it. */
type Read = (offset: number, length: number) => Promise<Buffer>;

/** An array of a MATLAB file whose header was read. */
export interface MatArray {
  /** MATLAB's class number. */
  readonly kind: number;
  /** Sizes of the axes; the first axis varies fastest. */
  readonly sizes: readonly number[];
  readonly read: Read;
  /** Where the data after the name begins, and where the array ends. */
  readonly rest: number;
  readonly end: number;
  /** Releases buffers and the file. */
  readonly close: () => void;
}

/** An opened MATLAB file. */
export interface MatFile {
  readonly file: PackedFile;
  readonly arrays: ReadonlyMap<string, MatArray>;
}

const matrix = 14;
const compressed = 15;
/** Far above any data set. */
const mostArrays = 1000;

/**
 * The arrays of a MATLAB file of version 5 (`-v6`, `-v7`), plain or compressed, as written by MATLAB and scipy. Reads only their headers.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is of another format or damaged.
 */
export async function openMat(path: string): Promise<MatFile> {
  const file = await PackedFile.open(path);
  if (file.size < 136) throw notMat(file);
  const head = await file.read(0, 128);
  // The version, and the byte order: the letters MI as written by a little-endian machine.
  if (head.toString('latin1', 124, 128) !== '\x00\x01IM') throw notMat(file);
  const arrays = new Map<string, MatArray>();
  for (let at = 128; at < file.size;) {
    const { type, start, length, next } = await tagAt(file, (offset, bytes) => file.read(offset, bytes), at);
    if (next > file.size && start + length > file.size) throw file.refusal('an array ends beyond the file');
    if (arrays.size === mostArrays) throw file.refusal(`it has more than ${mostArrays} arrays`);
    const unpacked = type === compressed ? new Unpacked({ file, offset: start, length, as: 'zlib' }) : undefined;
    const read: Read = (offset, bytes) => (unpacked ?? file).read(offset, bytes);
    const { name, ...array } = await arrayAt(file, read, unpacked ? 0 : at);
    unpacked?.close();
    if (arrays.has(name)) throw file.refusal(`it has two arrays "${name}"`);
    arrays.set(name, { ...array, close: () => unpacked?.close() });
    at = type === compressed ? start + length : next;
  }
  return { file, arrays };
}

const notMat = (file: PackedFile) =>
  file.refusal('it is not a MATLAB file of version 5', {
    fix: 'Use the publisher\'s own file, or save it with save(…, "-v7") or scipy.io.savemat.',
  });

interface Tag {
  readonly type: number;
  readonly start: number;
  readonly length: number;
  /** Where the next element begins: at a multiple of eight bytes. */
  readonly next: number;
}

/** Type and length of an element: four bytes each, or two bytes each if the element has at most four bytes. */
function tagOf(bytes: Buffer, at: number): Tag {
  const [type, length] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  if (type >= 2 ** 16) return { type: type & 0xffff, start: at + 4, length: Math.min(4, type >>> 16), next: at + 8 };
  return { type, start: at + 8, length, next: at + 8 + Math.ceil(length / 8) * 8 };
}

const tagAt = async (file: PackedFile, read: Read, at: number): Promise<Tag> => {
  const tag = tagOf(await read(at, 8), at);
  if (tag.type === 0 || tag.type > 18) throw file.refusal(`it has an element of the unknown type ${tag.type}`);
  return tag;
};

/** Limit for the length of names and the number of axes, in bytes. */
const mostBytes = 2 ** 10;

async function arrayAt(file: PackedFile, read: Read, at: number) {
  const whole = await tagAt(file, read, at);
  if (whole.type !== matrix) throw file.refusal(`it has an element of the type ${whole.type} instead of an array`);
  const part = async (from: number) => {
    const tag = await tagAt(file, read, from);
    if (tag.length > mostBytes) throw file.refusal('the name or the sizes of an array are too long');
    return { ...tag, bytes: await read(tag.start, tag.length) };
  };
  const flags = await part(whole.start);
  const sizes = await part(flags.next);
  const name = await part(sizes.next);
  return {
    name: name.bytes.toString('latin1'),
    kind: flags.bytes[0] ?? 0,
    sizes: Array.from({ length: sizes.length / 4 }, (_, axis) => sizes.bytes.readInt32LE(4 * axis)),
    read,
    rest: name.next,
    end: whole.start + whole.length,
  };
}

/** The size of a number and how to read it, by MATLAB's type number. */
const numbers: Readonly<Record<number, readonly [bytes: number, read: (buffer: Buffer, at: number) => number]>> = {
  1: [1, (buffer, at) => buffer.readInt8(at)],
  2: [1, (buffer, at) => buffer.readUInt8(at)],
  3: [2, (buffer, at) => buffer.readInt16LE(at)],
  4: [2, (buffer, at) => buffer.readUInt16LE(at)],
  5: [4, (buffer, at) => buffer.readInt32LE(at)],
  6: [4, (buffer, at) => buffer.readUInt32LE(at)],
  7: [4, (buffer, at) => buffer.readFloatLE(at)],
  9: [8, (buffer, at) => buffer.readDoubleLE(at)],
  12: [8, (buffer, at) => Number(buffer.readBigInt64LE(at))],
  13: [8, (buffer, at) => Number(buffer.readBigUInt64LE(at))],
};

/** MATLAB's type number of uint8. */
export const uint8Type = 2;

/** The position of the elements of a numeric array, for its `read`. */
export async function elementsOf({ file }: MatFile, { read, rest }: MatArray): Promise<Tag> {
  return tagAt(file, read, rest);
}

/** Limit for numbers read into memory. */
const mostNumbers = 2 ** 22;

/** All numbers of an array. @throws FaroutError OOD_DATASET_INVALID when their count does not match the sizes, or there are too many. */
export async function numbersOf(mat: MatFile, array: MatArray): Promise<number[]> {
  const { type, start, length } = await elementsOf(mat, array);
  const count = array.sizes.reduce((product, size) => product * size, 1);
  const [bytes, readNumber] = numbers[type] ?? [0, () => 0];
  if (bytes === 0 || length !== count * bytes || count > mostNumbers)
    throw mat.file.refusal(`an array of the sizes ${array.sizes.join(' × ')} has ${length} bytes of the type ${type}`);
  const buffer = await array.read(start, length);
  return Array.from({ length: count }, (_, index) => readNumber(buffer, index * bytes));
}

const structKind = 2;
const charKind = 4;
const mostStructBytes = 2 ** 26;

/**
 * The records of a struct array: the texts and scalar numbers of each, by field name.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is not a struct array, is damaged, or takes more than 64 MiB.
 */
export async function recordsOf({ file }: MatFile, array: MatArray): Promise<Map<string, string | number>[]> {
  const length = array.end - array.rest;
  if (array.kind !== structKind || !(length <= mostStructBytes))
    throw file.refusal('it has an array that is not a list of records');
  const bytes = await array.read(array.rest, length);
  try {
    return recordsIn(
      bytes,
      array.sizes.reduce((product, size) => product * size, 1),
    );
  } catch (cause) {
    throw file.refusal('its records are damaged', { cause });
  }
}

function recordsIn(bytes: Buffer, count: number): Map<string, string | number>[] {
  const nameLength = tagOf(bytes, 0);
  const width = bytes.readInt32LE(nameLength.start);
  const names = tagOf(bytes.subarray(nameLength.next), nameLength.next);
  const text = bytes.toString('latin1', names.start, names.start + names.length);
  const fields = Array.from({ length: Math.floor(text.length / width) }, (_, field) =>
    text.slice(field * width, (field + 1) * width).replace(/\0.*$/s, ''),
  );
  // Each value takes at least eight bytes.
  if (!(count >= 0 && count * fields.length * 8 <= bytes.length)) throw new RangeError(`${count} records`);
  const records: Map<string, string | number>[] = [];
  for (let record = 0, at = names.next; record < count; record++) {
    const values = new Map<string, string | number>();
    for (const field of fields) {
      const tag = tagOf(bytes.subarray(at), at);
      const value = valueIn(bytes.subarray(tag.start, tag.start + tag.length));
      if (value !== undefined) values.set(field, value);
      at = tag.next;
    }
    records.push(values);
  }
  return records;
}

/** The text or scalar number of an unnamed array. */
function valueIn(bytes: Buffer): string | number | undefined {
  if (bytes.length === 0) return undefined;
  const flags = tagOf(bytes, 0);
  const sizes = tagOf(bytes.subarray(flags.next), flags.next);
  const name = tagOf(bytes.subarray(sizes.next), sizes.next);
  if (name.next >= bytes.length) return undefined;
  const data = tagOf(bytes.subarray(name.next), name.next);
  const content = bytes.subarray(data.start, data.start + data.length);
  if (bytes[flags.start] === charKind) {
    // One-byte numbers and UTF-8, or two-byte numbers.
    return data.type === 4 || data.type === 17 ? content.toString('utf16le') : content.toString('utf8');
  }
  const [size = 0, read] = numbers[data.type] ?? [];
  return read && content.length === size ? read(content, 0) : undefined;
}
