import { crc32, deflateSync } from 'node:zlib';
import type { Pixels } from './pixels.ts';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** How the data is to be read: 8 bits a channel, RGB, and the only compression, filtering and no interlacing. */
const format = Uint8Array.of(8, 2, 0, 0, 0);

/**
 * A PNG file of an image that a program makes, for datasets that render. Stored, not compressed: it costs no time, and
 * compressed bytes would differ between builds of zlib, while a dataset's images must not.
 */
export function encodePng({ width, height, data }: Pixels): Uint8Array {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return writePng(Buffer.concat([size, format]), undefined, scanlines(width, height, data));
}

/** A PNG of the contents of IHDR and PLTE and of rows, each behind the number of its filter; they are stored, too. */
export const writePng = (header: Uint8Array, palette: Uint8Array | undefined, rows: Uint8Array): Uint8Array =>
  Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', new Uint8Array(0)),
  ]);

/** Each row after a zero, the filter that changes nothing. */
function scanlines(width: number, height: number, data: Uint8Array): Uint8Array {
  const stride = 3 * width;
  const lines = new Uint8Array(height * (stride + 1));
  for (let row = 0; row < height; row++) {
    lines.set(data.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  return lines;
}

/** Length, type, content, checksum of type and content. */
function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(content.length, 0);
  bytes.set(body, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}
