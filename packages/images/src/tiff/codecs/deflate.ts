import { createInflate, inflate } from 'node:zlib';
import { unreadable } from '../../refusals.ts';

/** So many bytes more than are wanted are taken at once; streams that are longer are read again. */
const margin = 1 << 16;

/**
 * Inflates a zlib stream into the output. The checksum must be right, but not that of a stream that holds more.
 *
 * Throws OOD_IMAGE_UNREADABLE for wrong data and for data that end early. Source: libtiff 4.5, tif_zip.c, with libdeflate.
 */
export async function decodeDeflate(input: Uint8Array, output: Uint8Array): Promise<void> {
  const bytes = (await inflateAtOnce(input, output.length)) ?? (await inflateBegin(input, output.length));
  if (bytes.length < output.length)
    throw unreadable('damaged', 'the TIFF cannot be decoded: its zlib stream ends early');
  output.set(bytes.subarray(0, output.length));
}

const inflateAtOnce = (input: Uint8Array, length: number): Promise<Buffer | undefined> =>
  new Promise((resolve) => {
    inflate(input, { maxOutputLength: length + margin }, (error, bytes) => resolve(error ? undefined : bytes));
  });

/** The first bytes of a stream that is wrong or longer than wanted: an error behind them is none, unless it is the end. */
async function inflateBegin(input: Uint8Array, length: number): Promise<Buffer> {
  // One call of zlib with room for so many bytes ends before an error behind them.
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
    if (!first || code === 'Z_BUF_ERROR') throw unreadable('damaged', `the TIFF cannot be decoded: ${message}`, cause);
  }
  return first ?? Buffer.alloc(0);
}
