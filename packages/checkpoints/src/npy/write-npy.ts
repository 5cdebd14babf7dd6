import { FaroutError, type NDArray } from '@farout/core';
import { npyTypes } from './npy-types.ts';

/** numpy aligns the data to this many bytes, so that it can be mapped into memory. */
const alignment = 64;
const preambleLength = 10;

/**
 * The bytes of a .npy file (version 1, row-major, little-endian) that numpy opens as this array.
 *
 * @throws FaroutError OOD_ARRAY_INVALID when there are more or fewer elements than the shape says.
 */
export function writeNpy({ data, shape }: NDArray): Uint8Array<ArrayBuffer> {
  if (shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new FaroutError('OOD_ARRAY_INVALID', `${data.length} elements do not fill the shape (${shape.join(', ')})`);
  }
  const header = headerOf(npyTypes.find(({ holds }) => holds(data))!.descr, shape);
  const bytes = new Uint8Array(preambleLength + header.length + data.byteLength);
  bytes.set([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(Buffer.from(header, 'latin1'), preambleLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), preambleLength + header.length);
  return bytes;
}

/** Padded with spaces up to a line feed, after which the data begins. */
function headerOf(descr: string, shape: readonly number[]): string {
  const tuple = shape.length === 1 ? `(${shape[0]!},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((preambleLength + text.length + 1) / alignment) * alignment - preambleLength;
  return `${text.padEnd(length - 1)}\n`;
}
