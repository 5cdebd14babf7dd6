import type { TiffDirectory } from './directory.ts';

const blackIsZero = 1;
const nextDirectoryBytes = 4;

/**
 * The file as libtiff must have it to give what Pillow does: 16-bit grey is never inverted, and a file that ends right
 * behind its directory has no second one.
 */
export function repair(bytes: Uint8Array, directory: TiffDirectory): Uint8Array {
  const { bits, photometric, photometricAt, bigEndian, end } = directory;
  const inverted = bits[0] === 16 && photometric === 0;
  if (!inverted && end + nextDirectoryBytes <= bytes.length) return bytes;
  const copy = Buffer.concat([bytes, Buffer.alloc(nextDirectoryBytes)]);
  copy.fill(0, end, end + nextDirectoryBytes);
  if (!inverted || photometricAt === undefined) return copy;
  if (bigEndian) copy.writeUInt16BE(blackIsZero, photometricAt);
  else copy.writeUInt16LE(blackIsZero, photometricAt);
  return copy;
}
