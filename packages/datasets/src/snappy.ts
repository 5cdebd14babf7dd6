import { snappyUncompressor } from 'hysnappy';

const uncompress = snappyUncompressor();

/**
 * Unpacks `size` bytes from Snappy's raw format, as used by Parquet.
 *
 * @throws RangeError when the data is damaged or unpacks to another size. Allocates no more than `size`.
 */
export function unpackSnappy(packed: Uint8Array, size: number): Uint8Array {
  const length = lengthOf(packed);
  if (length !== size) throw new RangeError(`Snappy's bytes unpack to ${length} bytes, expected ${size}`);
  // Three bytes expand to at most sixty-four.
  if (size > 22 * packed.length) throw damaged();
  try {
    return uncompress(packed, size);
  } catch (cause) {
    throw damaged(cause);
  }
}

const damaged = (cause?: unknown) => new RangeError("Snappy's bytes are damaged", { cause });

/** The total length: seven bits per byte, lowest first. */
function lengthOf(packed: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < 5 && at < packed.length; at++) {
    length += (packed[at]! & 127) * 2 ** (7 * at);
    if (packed[at]! < 128) return length;
  }
  throw damaged();
}
