import { constants, createInflate } from 'node:zlib';
import { writePng } from '../encode-png.ts';
import { refuseTooLarge } from '../refuse-too-large.ts';
import { unreadable } from '../refusals.ts';
import type { PngChunks } from './chunks.ts';

/** Samples a pixel of each colour type. */
const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Left, top and distances of the columns and rows of each pass. Source: the PNG specification, "Interlaced data order". */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/**
 * A sound PNG of what a damaged one still holds, where Pillow reads it: all rows must come out of the compressed data, or
 * the data must end where they say so; rows that are then missing are zero. Whatever stands behind the last row is not
 * looked at, checksums neither.
 *
 * Throws OOD_IMAGE_UNREADABLE. Source: Pillow 9.4, ZipDecode.c.
 */
export async function mendPng({ header, palette, data }: PngChunks): Promise<Uint8Array> {
  const size = { width: header.readUInt32BE(0), height: header.readUInt32BE(4) };
  refuseTooLarge('PNG', size);
  const bits = header[8]! * (samples[header[9]!] ?? 0);
  const length = rowBytes(size.width, size.height, bits, header[12] !== 0);
  if (length === 0) throw unreadable('damaged', 'the PNG is damaged: its colours have no sense');
  const rows = Buffer.alloc(length);
  rows.set(await inflate(data, length));
  return writePng(header, palette, rows);
}

/** Bytes of all rows, each behind the number of its filter. */
function rowBytes(width: number, height: number, bits: number, interlaced: boolean): number {
  const bytes = (columns: number, rows: number) => (columns > 0 ? rows * (1 + Math.ceil((columns * bits) / 8)) : 0);
  if (bits === 0) return 0;
  if (!interlaced) return bytes(width, height);
  const parts = passes.map(([left, top, right, down]) =>
    bytes(Math.ceil((width - left) / right), Math.ceil((height - top) / down)),
  );
  return parts.reduce((sum, part) => sum + part, 0);
}

/** The first `length` bytes of what zlib's stream holds, or all of them where the stream ends before. */
async function inflate(data: readonly Buffer[], length: number): Promise<Buffer> {
  // One call of zlib with room for so many bytes: an error behind them is not met.
  const stream = createInflate({ chunkSize: Math.max(64, length), finishFlush: constants.Z_FINISH });
  stream.end(Buffer.concat(data));
  try {
    const parts: Buffer[] = [];
    let read = 0;
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      read += part.length;
      if (read >= length) break;
    }
    return Buffer.concat(parts).subarray(0, length);
  } catch (cause) {
    throw unreadable('damaged', `the PNG cannot be decoded: ${(cause as Error).message}`, cause);
  }
}
