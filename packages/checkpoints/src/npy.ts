import type { NDArray } from '@farout/core';
import { npyTypes } from './npy/npy-types.ts';
import { parseNpyHeader } from './npy/parse-npy-header.ts';
import { Refusal, withSource } from './refusal.ts';
import { shown } from './shown.ts';

/** Every .npy file begins with this byte and "NUMPY". */
const magic = '\x93NUMPY';

/**
 * The array in the bytes of a .npy file (versions 1 to 3): little-endian float32, float64, int32, int64 or uint8 in row-major
 * order. The array looks at `bytes` where these are aligned to its elements, as those of numpy and `writeNpy` are when
 * they begin a buffer; else it is a copy. `source` names the bytes in errors.
 *
 * @throws FaroutError OOD_ARRAY_INVALID when they are damaged or hold something else.
 */
export function parseNpy(bytes: Uint8Array, source = 'a .npy file'): NDArray {
  try {
    return parse(bytes);
  } catch (error) {
    throw withSource(error, 'OOD_ARRAY_INVALID', source);
  }
}

function parse(bytes: Uint8Array): NDArray {
  const { header, dataStart } = splitHeader(bytes);
  const { descr, fortranOrder, shape } = parseNpyHeader(header);
  const type = npyTypes.find((candidate) => candidate.descr === descr);
  if (!type) {
    const names = npyTypes.map((candidate) => candidate.descr).join(', ');
    throw new Refusal(`its elements are ${shown(descr)}; read are ${names}`, "Convert it: array.astype('<f4').");
  }
  if (fortranOrder) {
    throw new Refusal('it is in Fortran order', 'Save it in row-major order: np.ascontiguousarray(array).');
  }
  const length = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const held = bytes.length - dataStart;
  if (held !== length * type.size) {
    throw new Refusal(`shape (${shape.join(', ')}) of ${descr} takes ${length * type.size} bytes, it holds ${held}`);
  }
  const aligned = (bytes.byteOffset + dataStart) % type.size === 0;
  const data = aligned ? bytes.subarray(dataStart) : new Uint8Array(bytes.subarray(dataStart));
  return { data: type.view(data.buffer, data.byteOffset, length), shape };
}

/** Magic, version, length of the header (two bytes in version 1, four since), header, data. */
function splitHeader(bytes: Uint8Array): { header: string; dataStart: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 12 || buffer.toString('latin1', 0, 6) !== magic) {
    throw new Refusal('not a .npy file', 'Name a file that np.save has written.');
  }
  const version = buffer.readUInt8(6);
  if (version < 1 || version > 3) throw new Refusal(`a .npy file of the unknown version ${version}`);
  const headerStart = version === 1 ? 10 : 12;
  const headerLength = version === 1 ? buffer.readUInt16LE(8) : buffer.readUInt32LE(8);
  const dataStart = headerStart + headerLength;
  if (dataStart > buffer.length) throw new Refusal(`its header would end at byte ${dataStart} of ${buffer.length}`);
  return { header: buffer.toString('utf8', headerStart, dataStart), dataStart };
}
