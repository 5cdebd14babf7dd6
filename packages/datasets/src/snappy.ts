/**
 * What Snappy's bytes (its raw format, as Parquet has it) unpack to, `size` bytes. Images hardly pack: their bytes stand in long stretches as they
 * are, which are copied as a whole, several times as fast as one by one.
 *
 * @throws RangeError when they are damaged or unpack to another size; no more memory than `size` is taken.
 */
export function unpackSnappy(packed: Uint8Array, size: number): Uint8Array {
  const [length, begin] = lengthOf(packed);
  if (length !== size) throw new RangeError(`Snappy's bytes unpack to ${length} bytes, expected ${size}`);
  // Three bytes stand for sixty-four at the most.
  if (size > 22 * packed.length) throw damaged();
  const out = new Uint8Array(size);
  let filled = 0;
  for (let at = begin; at < packed.length;) {
    const tag = packed[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      const [count, start] = literal(packed, tag >> 2, at);
      if (start + count > packed.length || filled + count > size) throw damaged();
      out.set(packed.subarray(start, start + count), filled);
      filled += count;
      at = start + count;
    } else {
      const bytes = kind === 3 ? 4 : kind;
      if (at + bytes > packed.length) throw damaged();
      const count = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
      const distance = kind === 1 ? ((tag >> 5) << 8) | packed[at]! : littleEndian(packed, at, bytes);
      if (distance === 0 || distance > filled || filled + count > size) throw damaged();
      copyBack(out, filled, distance, count);
      filled += count;
      at += bytes;
    }
  }
  if (filled !== size) throw damaged();
  return out;
}

const damaged = () => new RangeError("Snappy's bytes are damaged");

/** The length of the whole: seven bits a byte, the lowest first. */
function lengthOf(packed: Uint8Array): [length: number, begin: number] {
  let length = 0;
  for (let at = 0; at < 5 && at < packed.length; at++) {
    length += (packed[at]! & 127) * 2 ** (7 * at);
    if (packed[at]! < 128) return [length, at + 1];
  }
  throw damaged();
}

/** How many bytes stand as they are, and where they begin: up to sixty in the tag itself, of more in one to four bytes behind it. */
function literal(packed: Uint8Array, short: number, at: number): [count: number, start: number] {
  if (short < 60) return [short + 1, at];
  const bytes = short - 59;
  if (at + bytes > packed.length) throw damaged();
  return [littleEndian(packed, at, bytes) + 1, at + bytes];
}

function littleEndian(packed: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value += packed[at + i]! * 2 ** (8 * i);
  return value;
}

/** Repeats what was unpacked before; what is copied may be part of what is repeated. */
function copyBack(out: Uint8Array, filled: number, distance: number, count: number): void {
  if (distance >= count) out.copyWithin(filled, filled - distance, filled - distance + count);
  else for (let i = 0; i < count; i++) out[filled + i] = out[filled - distance + i]!;
}
