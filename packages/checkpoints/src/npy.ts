import { FaroutError, type NDArray, type TypedArray } from '@farout/core';
import { Refusal, shown, withFile, withSource, type ArrayPlace, type OpenFile } from './files.ts';
import { elementTypes } from './torch/records.ts';

/**
 * The array of a .npy file: see `parseNpy`. It uses as much memory as the file has bytes: the array is a view of the bytes as read.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_ARRAY_INVALID when the file is damaged or contains something else.
 */
export async function readNpy(path: string): Promise<NDArray> {
  try {
    return await withFile(path, async (file) => parseNpy(await file.read(0, file.size, 'the array'), path));
  } catch (error) {
    throw withSource(error, 'OOD_ARRAY_INVALID', path);
  }
}

/**
 * The array in the bytes of a .npy file (versions 1 to 3): little-endian float32, float64, int32, int64 or uint8 in row-major order. The
 * array is a view of `bytes` if these are aligned to its elements, as those of numpy and `writeNpy` are at the start of a buffer; otherwise
 * it is a copy. `source` names the bytes in errors.
 *
 * @throws FaroutError OOD_ARRAY_INVALID when they are damaged or contain something else.
 */
export function parseNpy(bytes: Uint8Array, source = 'a .npy file'): NDArray {
  try {
    return parse(bytes);
  } catch (error) {
    throw withSource(error, 'OOD_ARRAY_INVALID', source);
  }
}

/**
 * The bytes of a .npy file (version 1, row-major, little-endian) that numpy loads as this array.
 *
 * @throws FaroutError OOD_ARRAY_INVALID when the number of elements does not match the shape.
 */
export function writeNpy(array: NDArray): Uint8Array<ArrayBuffer> {
  const parts = writeNpyParts(array);
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The same bytes in parts. The elements are views of the array, in pieces of at most 64 MB, so nothing is copied. */
export function writeNpyParts({ data, shape }: NDArray): readonly Uint8Array[] {
  if (shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new FaroutError('OOD_ARRAY_INVALID', `${data.length} elements do not fill the shape (${shape.join(', ')})`);
  }
  const header = headerOf(npyTypes.find(({ holds }) => holds(data))!.descr, shape);
  const preamble = Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 0xff, header.length >> 8]);
  const pieces = Array.from({ length: Math.ceil(data.byteLength / pieceBytes) }, (_, index) => {
    const start = index * pieceBytes;
    return new Uint8Array(data.buffer, data.byteOffset + start, Math.min(pieceBytes, data.byteLength - start));
  });
  return [preamble, Buffer.from(header, 'latin1'), ...pieces];
}

const pieceBytes = 2 ** 26;

function parse(bytes: Uint8Array): NDArray {
  const { header, dataStart } = splitHeader(bytes);
  const { descr, fortranOrder, shape } = parseHeader(header);
  const type = npyTypes.find((candidate) => candidate.descr === descr);
  if (!type) {
    const names = npyTypes.map((candidate) => candidate.descr).join(', ');
    throw new Refusal(`its elements are ${shown(descr)}; supported are ${names}`, "Convert it: array.astype('<f4').");
  }
  if (fortranOrder) throw inFortranOrder();
  const length = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const held = bytes.length - dataStart;
  if (held !== length * type.size) {
    throw new Refusal(`shape (${shape.join(', ')}) of ${descr} takes ${length * type.size} bytes, but it has ${held}`);
  }
  const aligned = (bytes.byteOffset + dataStart) % type.size === 0;
  const data = aligned ? bytes.subarray(dataStart) : new Uint8Array(bytes.subarray(dataStart));
  return { data: type.view(data.buffer, data.byteOffset, length), shape };
}

/** The longest header that is read; numpy's own safety limit. */
const mostHeader = 10_000;

/**
 * The location of the elements of a .npy file that occupies `size` bytes of a file from `start` on.
 *
 * @throws Refusal when it is damaged or contains something else.
 */
export async function npyPlace(file: OpenFile, start: number, size: number): Promise<ArrayPlace> {
  const { header, dataStart } = splitHeader(await file.read(start, Math.min(size, mostHeader + 12), 'the header'));
  const { descr, fortranOrder, shape } = parseHeader(header);
  const type = streamedTypes.get(descr);
  if (!type) {
    const names = [...streamedTypes.keys()].join(', ');
    throw new Refusal(`its elements are ${shown(descr)}; supported are ${names}`, "Convert it: array.astype('<f4').");
  }
  if (fortranOrder) throw inFortranOrder();
  const length = shape.includes(0) ? 0 : shape.reduce((product, each) => product * each, 1);
  const held = size - dataStart;
  if (held !== length * type.size)
    throw new Refusal(`shape (${shape.join(', ')}) of ${descr} takes ${length * type.size} bytes, but it has ${held}`);
  return { shape, start: start + dataStart, ...type };
}

const inFortranOrder = () =>
  new Refusal('it is in Fortran order', 'Save it in row-major order: np.ascontiguousarray(array).');

type StreamedType = Pick<ArrayPlace, 'size' | 'decode'>;

/** The element types that rows are read from, by numpy's name; floating-point types become float32. */
const streamedTypes: ReadonlyMap<string, StreamedType> = new Map(
  Object.entries<StreamedType>({
    '<f2': elementTypes.float16,
    '<f4': elementTypes.float32,
    '<f8': elementTypes.float64,
    '<i4': { size: 4, decode: (bytes) => new Int32Array(bytes) },
    '<i8': elementTypes.int64,
    '|u1': { size: 1, decode: (bytes) => new Uint8Array(bytes) },
  }),
);

/** Every .npy file begins with this byte and "NUMPY". */
const magic = '\x93NUMPY';

/** Magic, version, length of the header (two bytes in version 1, four in later versions), header, data. */
function splitHeader(bytes: Uint8Array): { header: string; dataStart: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 12 || buffer.toString('latin1', 0, 6) !== magic) {
    throw new Refusal('not a .npy file', 'Name a file written by np.save.');
  }
  const version = buffer.readUInt8(6);
  if (version < 1 || version > 3) throw new Refusal(`a .npy file of the unknown version ${version}`);
  const headerStart = version === 1 ? 10 : 12;
  const headerLength = version === 1 ? buffer.readUInt16LE(8) : buffer.readUInt32LE(8);
  const dataStart = headerStart + headerLength;
  if (dataStart > buffer.length) throw new Refusal(`its header would end at byte ${dataStart} of ${buffer.length}`);
  return { header: buffer.toString('utf8', headerStart, dataStart), dataStart };
}

/** The parsed header of a .npy file. */
interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

// At most one space anywhere but at the end, as in all writers' output, so that the expression needs no backtracking.
const pair = String.raw` ?'(descr|fortran_order|shape)' ?: ?('[^'\\]*'|True|False|\([\d, ]*\)) ?`;
const dictionary = new RegExp(String.raw`^\{${pair},${pair},${pair},? ?\} *\n?$`);
const isShape = /^\((?:|\d+, ?|\d+(?:, ?\d+)+,? ?)\)$/;

/**
 * Parses the header of a .npy file, a Python dictionary with exactly these three keys in any order:
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (32, 2048), }`.
 *
 * @throws Refusal for any other text.
 */
function parseHeader(text: string): Header {
  const [, ...parts] = dictionary.exec(text) ?? [];
  const values = new Map([0, 2, 4].map((i) => [parts[i], parts[i + 1] ?? '']));
  const descr = values.get('descr') ?? '';
  const order = values.get('fortran_order') ?? '';
  const tuple = values.get('shape') ?? '';
  const shape = (tuple.match(/\d+/g) ?? []).map(Number);
  if (
    !descr.startsWith("'") ||
    !/^(True|False)$/.test(order) ||
    !isShape.test(tuple) ||
    !shape.every(Number.isSafeInteger)
  ) {
    throw new Refusal(
      `its header is not that of a plain array: ${shown(text.trim())}`,
      'Save a plain array, not a structured one: np.save(path, array).',
    );
  }
  return { descr: descr.slice(1, -1), fortranOrder: order === 'True', shape };
}

/** numpy aligns the data to this many bytes, so that it can be mapped into memory. */
const alignment = 64;
const preambleLength = 10;

/** The header, padded with spaces and ended by a line feed, after which the data begins. */
function headerOf(descr: string, shape: readonly number[]): string {
  const tuple = shape.length === 1 ? `(${shape[0]!},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((preambleLength + text.length + 1) / alignment) * alignment - preambleLength;
  return `${text.padEnd(length - 1)}\n`;
}

/** An element type of .npy files: numpy's name, and the array type that holds it. */
interface NpyType {
  /** numpy's `descr`: byte order, kind, bytes per element. */
  readonly descr: string;
  /** Bytes of one element. */
  readonly size: number;
  readonly holds: (data: TypedArray) => boolean;
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => TypedArray;
}

/** All supported element types: those of NDArray, little-endian. */
const npyTypes: readonly NpyType[] = [
  npyType('<f4', Float32Array),
  npyType('<f8', Float64Array),
  npyType('<i4', Int32Array),
  npyType('<i8', BigInt64Array),
  npyType('|u1', Uint8Array),
];

interface TypedArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray;
}

function npyType(descr: string, holder: TypedArrayClass): NpyType {
  return {
    descr,
    size: holder.BYTES_PER_ELEMENT,
    holds: (data) => data instanceof holder,
    view: (buffer, offset, length) => new holder(buffer, offset, length),
  };
}
