import { snappyUncompressor } from 'hysnappy';

const uncompress = snappyUncompressor();

/**
 * What Snappy's bytes (its raw format, as Parquet has it) unpack to, `size` bytes.
 *
 * @throws RangeError when they are damaged or unpack to another size; no more memory than `size` is taken.
 */
export function unpackSnappy(packed: Uint8Array, size: number): Uint8Array {
  const length = lengthOf(packed);
  if (length !== size) throw new RangeError(`Snappy's bytes unpack to ${length} bytes, expected ${size}`);
  // Three bytes stand for sixty-four at the most.
  if (size > 22 * packed.length) throw damaged();
  try {
    return uncompress(packed, size);
  } catch (cause) {
    throw damaged(cause);
  }
}

const damaged = (cause?: unknown) => new RangeError("Snappy's bytes are damaged", { cause });

/** The length of the whole: seven bits a byte, the lowest first. */
function lengthOf(packed: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < 5 && at < packed.length; at++) {
    length += (packed[at]! & 127) * 2 ** (7 * at);
    if (packed[at]! < 128) return length;
  }
  throw damaged();
}
