import { constants, crc32, createInflate, deflateSync } from 'node:zlib';
import { refuseTooLarge, startsWith, unreadable, viewBytes, type ImageKind } from '../image-kind.ts';
import type { Pixels } from '../pixels.ts';
import { decodeGrey16, decodeRgb } from '../sharp-decoder.ts';

const signature = '\x89PNG\r\n\x1a\n';

/** The positions of size, sample bits and colour type in IHDR, which comes first, and its length. */
const widthAt = 16;
const heightAt = 20;
const bitDepthAt = 24;
const colourTypeAt = 25;
const grey = 0;
const headerBytes = 13;

/** PNG of every bit depth and colour type. Alpha is dropped, not blended; 16-bit grey is clipped to 255, as Pillow does. */
export const png: ImageKind = {
  name: 'PNG',
  matches: (bytes) => startsWith(bytes, signature),
  sizeOf: (bytes) => ({
    width: viewBytes(bytes).readUInt32BE(widthAt),
    height: viewBytes(bytes).readUInt32BE(heightAt),
  }),
  decode: async (file) => {
    const chunks = readChunks(file);
    const bytes = chunks.whole ? file : await mendPng(chunks);
    const isGrey16 = bytes[bitDepthAt] === 16 && bytes[colourTypeAt] === grey;
    return isGrey16 ? decodeGrey16({ kind: 'PNG', bytes }) : decodeRgb({ kind: 'PNG', bytes });
  },
};

/** What a PNG holds, as far as pixels depend on it. */
interface Chunks {
  /** The contents of IHDR and, for palettes, of PLTE. */
  readonly header: Buffer;
  readonly palette: Buffer | undefined;
  /** The contents of the IDAT chunks, up to the first that is none. */
  readonly data: readonly Buffer[];
  /** Whether everything is intact, from the first chunk to the end of the first picture. */
  readonly whole: boolean;
}

/**
 * Reads the chunks of a PNG, and checks them like Pillow: before the image data every checksum must be right, after it none is
 * checked, and a truncated chunk is an error anywhere.
 *
 * Throws OOD_IMAGE_UNREADABLE. Source: Pillow 9.4, PngImagePlugin.py, `_open`, `load_read`, `load_end`.
 */
function readChunks(bytes: Uint8Array): Chunks {
  const file = viewBytes(bytes);
  const before = new Map<string, Buffer>();
  let chunk = chunkAt(file, signature.length);
  for (; chunk?.type !== 'IDAT'; chunk = chunkAt(file, chunk.end)) {
    if (!chunk) throw unreadable('damaged', 'the PNG is damaged: no chunk where its image data should be');
    if (chunk.type === 'IEND') throw unreadable('damaged', 'the PNG has no image data');
    if (!chunk.sound)
      throw unreadable('damaged', `the PNG is damaged: the checksum of its chunk ${chunk.type} is wrong`);
    before.set(chunk.type, chunk.content);
  }
  const header = before.get('IHDR');
  if (!header || header.length < headerBytes) throw unreadable('damaged', 'the PNG has no header');

  const data: Buffer[] = [];
  let whole = true;
  for (; chunk?.type === 'IDAT'; chunk = chunkAt(file, chunk.end)) {
    data.push(chunk.content);
    whole &&= chunk.sound;
  }
  return { header, palette: before.get('PLTE'), data, whole: whole && endsWell(file, chunk) };
}

/** Whether the chunks after the image data are intact. Throws if a chunk that Pillow reads is truncated. */
function endsWell(file: Buffer, first: Chunk | undefined): boolean {
  let whole = true;
  for (let chunk = first; ; chunk = chunkAt(file, chunk.end)) {
    if (!chunk) return false;
    // Further frames of an animation are not read; libpng also treats their chunks as unknown.
    if (chunk.type === 'IEND') return whole && chunk.sound;
    if (chunk.content.length < chunk.length) {
      throw unreadable('damaged', `the PNG ends within its chunk ${chunk.type}`);
    }
    whole &&= chunk.sound;
  }
}

/** A chunk at a position of the file; its content may be truncated by the end of the file. */
interface Chunk {
  readonly type: string;
  readonly length: number;
  readonly content: Buffer;
  /** Where the next chunk begins. */
  readonly end: number;
  /** Whether the checksum is present and right. */
  readonly sound: boolean;
}

/** The chunk at a position; undefined at the end of the file or if there is no chunk name. */
function chunkAt(file: Buffer, at: number): Chunk | undefined {
  const type = file.toString('latin1', at + 4, at + 8);
  if (!/^\w{4}$/.test(type)) return undefined;
  const length = file.readUInt32BE(at);
  const end = at + 8 + length;
  const sound = end + 4 <= file.length && crc32(file.subarray(at + 4, end)) === file.readUInt32BE(end);
  return { type, length, content: file.subarray(at + 8, end), end: end + 4, sound };
}

/** Samples per pixel, by colour type. */
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
 * Builds an intact PNG from a damaged one that Pillow still reads: the compressed data must contain all rows or end properly, and
 * missing rows are then zero. Data after the last row and checksums are ignored.
 *
 * Throws OOD_IMAGE_UNREADABLE. Source: Pillow 9.4, ZipDecode.c.
 */
async function mendPng({ header, palette, data }: Chunks): Promise<Uint8Array> {
  const size = { width: header.readUInt32BE(0), height: header.readUInt32BE(4) };
  refuseTooLarge('PNG', size);
  const bits = header[8]! * (samples[header[9]!] ?? 0);
  const length = rowBytes(size.width, size.height, bits, header[12] !== 0);
  if (length === 0) throw unreadable('damaged', 'the PNG is damaged: its colour type or bit depth is invalid');
  const rows = Buffer.alloc(length);
  rows.set(await inflate(data, length));
  return writePng(header, palette, rows);
}

/** Bytes of all rows, each with its filter byte. */
function rowBytes(width: number, height: number, bits: number, interlaced: boolean): number {
  const bytes = (columns: number, rows: number) => (columns > 0 ? rows * (1 + Math.ceil((columns * bits) / 8)) : 0);
  if (bits === 0) return 0;
  if (!interlaced) return bytes(width, height);
  const parts = passes.map(([left, top, right, down]) =>
    bytes(Math.ceil((width - left) / right), Math.ceil((height - top) / down)),
  );
  return parts.reduce((sum, part) => sum + part, 0);
}

/** The first `length` bytes of a zlib stream, or fewer if it ends earlier. */
async function inflate(data: readonly Buffer[], length: number): Promise<Buffer> {
  // A single call of zlib with room for exactly these bytes, so a later error does not occur.
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

/** How the data is to be read: 8 bits a channel, RGB, and the only compression, filtering and no interlacing. */
const format = Uint8Array.of(8, 2, 0, 0, 0);

/**
 * Encodes generated pixels as a PNG file, for datasets that render images. Stored, not compressed: this takes no time, and compressed
 * bytes would differ between builds of zlib, while the images of a dataset must not.
 */
export function encodePng({ width, height, data }: Pixels): Uint8Array {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return writePng(Buffer.concat([size, format]), undefined, scanlines(width, height, data));
}

/** Writes a PNG from the contents of IHDR and PLTE and from rows with filter bytes, also stored. */
export const writePng = (header: Uint8Array, palette: Uint8Array | undefined, rows: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from(signature, 'latin1'),
    writeChunk('IHDR', header),
    ...(palette ? [writeChunk('PLTE', palette)] : []),
    writeChunk('IDAT', deflateSync(rows, { level: 0 })),
    writeChunk('IEND', new Uint8Array(0)),
  ]);

/** Prefixes each row with a zero, the filter "none". */
function scanlines(width: number, height: number, data: Uint8Array): Uint8Array {
  const stride = 3 * width;
  const lines = new Uint8Array(height * (stride + 1));
  for (let row = 0; row < height; row++) {
    lines.set(data.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  return lines;
}

/** Length, type, content, checksum of type and content. */
function writeChunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(content.length, 0);
  bytes.set(body, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}
