import { createInflate, inflate } from 'node:zlib';
import { unreadable } from '../image-kind.ts';

const damaged = (why: string, cause?: unknown) => unreadable('damaged', `the TIFF cannot be decoded: ${why}`, cause);

const clear = 256;
const endOfInformation = 257;
const firstFree = 258;
const shortest = 9;
const longest = 12;
const tableSize = 1 << longest;

/**
 * Decodes TIFF's LZW: codes of 9 to 12 bits, the highest bit first, which grow one code earlier than GIF's. Fills the
 * output; the rest is ignored.
 *
 * Throws OOD_IMAGE_UNREADABLE for an undefined code and for truncated data. Source: TIFF 6.0, section 13,
 * and libtiff 4.5, tif_lzw.c, for what is an error.
 */
export function decodeLzw(input: Uint8Array, output: Uint8Array): void {
  if (input[0] === 0 && (input[1]! & 1) === 1)
    throw unreadable('foreign', 'a TIFF with LZW codes in the old bit order is not supported');
  const prefixes = new Uint16Array(tableSize);
  const lasts = new Uint8Array(tableSize);
  const firsts = new Uint8Array(tableSize);
  const lengths = new Uint16Array(tableSize);
  for (let i = 0; i < 256; i++) [lasts[i], firsts[i], lengths[i]] = [i, i, 1];

  let [at, bits, available, size] = [0, 0, 0, shortest];
  const next = () => {
    while (available < size) {
      if (at >= input.length) throw damaged('its LZW codes end early');
      bits = ((bits << 8) | input[at++]!) & 0xffffff;
      available += 8;
    }
    available -= size;
    return (bits >> available) & ((1 << size) - 1);
  };

  let written = 0;
  // Before the first clear code, and when the table is full, no code can be defined.
  let free = 0;
  let previous = 0;
  while (written < output.length) {
    let code = next();
    if (code === endOfInformation) throw damaged('its LZW codes end before the last pixel');
    if (code === clear) {
      [free, size] = [firstFree, shortest];
      do code = next();
      while (code === clear);
      if (code > clear) throw damaged('an LZW code is invalid');
    } else {
      if (free === 0 || code > free) throw damaged('an LZW code is invalid');
      prefixes[free] = previous;
      firsts[free] = firsts[previous]!;
      lengths[free] = lengths[previous]! + 1;
      lasts[free] = firsts[code === free ? previous : code]!;
      free++;
      if (free > (1 << size) - 2) size = Math.min(longest, size + 1);
      if (free === tableSize) free = 0;
    }
    previous = code;
    let end = written + lengths[code]!;
    written = end;
    for (; lengths[code]! > 1; code = prefixes[code]!) output[--end] = lasts[code]!;
    output[--end] = lasts[code]!;
  }
}

/** Extra bytes beyond the wanted length; a longer stream is read again. */
const margin = 1 << 16;

/**
 * Inflates a zlib stream into the output. The checksum must be right, unless the stream is longer than the output.
 *
 * Throws OOD_IMAGE_UNREADABLE for invalid or truncated data. Source: libtiff 4.5, tif_zip.c, with libdeflate.
 */
export async function decodeDeflate(input: Uint8Array, output: Uint8Array): Promise<void> {
  const bytes = (await inflateAtOnce(input, output.length)) ?? (await inflateBegin(input, output.length));
  if (bytes.length < output.length) throw damaged('its zlib stream ends early');
  output.set(bytes.subarray(0, output.length));
}

const inflateAtOnce = (input: Uint8Array, length: number): Promise<Buffer | undefined> =>
  new Promise((resolve) => {
    inflate(input, { maxOutputLength: length + margin }, (error, bytes) => resolve(error ? undefined : bytes));
  });

/** The first bytes of a stream that is invalid or too long: a later error does not matter, except truncation. */
async function inflateBegin(input: Uint8Array, length: number): Promise<Buffer> {
  // A single call of zlib with room for exactly these bytes stops before a later error.
  const stream = createInflate({ chunkSize: Math.max(64, length) });
  stream.end(input);
  let first: Buffer | undefined;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      if (first) return first;
      first = part;
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (!first || code === 'Z_BUF_ERROR') throw damaged(message, cause);
  }
  return first ?? Buffer.alloc(0);
}

/**
 * Decodes PackBits: a length n below 128 is followed by n + 1 bytes; a length n above 128 by one byte that is repeated 257 − n times. Runs beyond the
 * output are cut off.
 *
 * Throws OOD_IMAGE_UNREADABLE for truncated data. Source: TIFF 6.0, section 9; libtiff 4.5, tif_packbits.c.
 */
export function decodePackBits(input: Uint8Array, output: Uint8Array): void {
  let written = 0;
  for (let at = 0; at < input.length && written < output.length;) {
    const length = input[at++]!;
    if (length === 128) continue;
    const wanted = Math.min(length < 128 ? length + 1 : 257 - length, output.length - written);
    const taken = length < 128 ? wanted : 1;
    if (at + taken > input.length) break;
    if (length < 128) output.set(input.subarray(at, at + taken), written);
    else output.fill(input[at]!, written, written + wanted);
    at += taken;
    written += wanted;
  }
  if (written < output.length) throw damaged('its packed bytes end early');
}
