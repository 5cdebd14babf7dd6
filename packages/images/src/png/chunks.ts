import { crc32 } from 'node:zlib';
import { unreadable } from '../refusals.ts';
import { viewBytes } from '../view-bytes.ts';

/** A chunk that begins at a place of the file; its content may be cut off by the file's end. */
interface Chunk {
  readonly type: string;
  readonly length: number;
  readonly content: Buffer;
  /** Where the next chunk begins. */
  readonly end: number;
  /** Whether the checksum is there and right. */
  readonly sound: boolean;
}

/** What a PNG holds, as far as pixels depend on it. */
export interface PngChunks {
  /** The contents of IHDR and, for palettes, of PLTE. */
  readonly header: Buffer;
  readonly palette: Buffer | undefined;
  /** The contents of the IDAT chunks, up to the first that is none. */
  readonly data: readonly Buffer[];
  /** Whether all is as it was written, from the first chunk to the end of the first picture. */
  readonly whole: boolean;
}

const signatureBytes = 8;
const headerBytes = 13;

/**
 * Reads a PNG's chunks, and judges them as Pillow does: before the image data every checksum must be right, behind it
 * none is looked at, and a chunk that the file's end cuts off is an error wherever it stands.
 *
 * Throws OOD_IMAGE_UNREADABLE. Source: Pillow 9.4, PngImagePlugin.py, `_open`, `load_read`, `load_end`.
 */
export function readPngChunks(bytes: Uint8Array): PngChunks {
  const file = viewBytes(bytes);
  const before = new Map<string, Buffer>();
  let chunk = chunkAt(file, signatureBytes);
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

/** Whether the chunks behind the image data are whole. Throws where one is cut off that Pillow reads. */
function endsWell(file: Buffer, first: Chunk | undefined): boolean {
  let whole = true;
  for (let chunk = first; ; chunk = chunkAt(file, chunk.end)) {
    if (!chunk) return false;
    // Another frame of an animation is not read; libpng, too, takes its chunks for foreign ones.
    if (chunk.type === 'IEND') return whole && chunk.sound;
    if (chunk.content.length < chunk.length) {
      throw unreadable('damaged', `the PNG ends within its chunk ${chunk.type}`);
    }
    whole &&= chunk.sound;
  }
}

/** The chunk at a place; none where the file ends or what stands there is no chunk's name. */
function chunkAt(file: Buffer, at: number): Chunk | undefined {
  const type = file.toString('latin1', at + 4, at + 8);
  if (!/^\w{4}$/.test(type)) return undefined;
  const length = file.readUInt32BE(at);
  const end = at + 8 + length;
  const sound = end + 4 <= file.length && crc32(file.subarray(at + 4, end)) === file.readUInt32BE(end);
  return { type, length, content: file.subarray(at + 8, end), end: end + 4, sound };
}
