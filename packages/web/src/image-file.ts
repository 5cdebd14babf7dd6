import { FaroutError } from '@farout/core/errors';
import type { Size } from '@farout/images/resize';

/** An image file reduced so that browsers decode it to the same pixels as a run. */
export interface PlainFile extends Size {
  readonly kind: 'JPEG' | 'PNG' | 'WebP';
  /** The file without parts that rotate it, change its colours or make it transparent: Pillow's `convert('RGB')` ignores these. */
  readonly parts: readonly Uint8Array[];
}

/**
 * Removes from a file everything that browsers apply but runs ignore: EXIF orientation, colour profiles and gamma, transparency stored separately
 * from the colours, and further frames.
 *
 * @throws FaroutError OOD_IMAGE_UNREADABLE for another kind of file, a truncated file, and formats that browsers decode to other pixels:
 * CMYK, arithmetic coding, 16 bits per channel, animations.
 */
export function plainFile(bytes: Uint8Array): PlainFile {
  if (startsWith(bytes, 0, '\xff\xd8\xff')) return plainJpeg(bytes);
  if (startsWith(bytes, 0, '\x89PNG\r\n\x1a\n')) return plainPng(bytes);
  if (startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP')) return plainWebp(bytes);
  throw foreign(bytes.length === 0 ? 'the file is empty' : 'the file is not a JPEG, PNG or WebP');
}

/** The error for an image that cannot be scored. */
export const unreadable = (message: string, fix: string, cause?: unknown): FaroutError =>
  new FaroutError('OOD_IMAGE_UNREADABLE', message, { fix, cause });

const foreign = (message: string) => unreadable(message, 'Save it as JPEG or as PNG with 8 bits per channel.');
const damaged = (message: string) => unreadable(message, 'Use another copy of the file.');

const startsWith = (bytes: Uint8Array, at: number, signature: string): boolean =>
  Array.from(signature).every((character, index) => bytes[at + index] === character.charCodeAt(0));

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Markers to remove: EXIF and XMP; colour profiles and lists of further pictures. */
const unheeded = [0xe1, 0xe2];
const startOfScan = 0xda;

/** Source: ITU T.81, annex B. */
function plainJpeg(bytes: Uint8Array): PlainFile {
  const parts = [bytes.subarray(0, 2)];
  let size: Size | undefined;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw damaged('the JPEG is damaged: a marker is missing in its header');
    const code = bytes[at + 1]!;
    if (code === 0xff) {
      at++;
      continue;
    }
    const end = at + 2 + viewOf(bytes).getUint16(at + 2);
    if (code === startOfScan && size && endsBehind(bytes, at))
      return { kind: 'JPEG', ...size, parts: [...parts, bytes.subarray(at)] };
    if (code === startOfScan || end > bytes.length) break;
    if (isFrame(code)) size = frameSize(code, bytes.subarray(at + 4, end));
    if (!unheeded.includes(code)) parts.push(bytes.subarray(at, end));
    at = end;
  }
  throw damaged('the JPEG ends early');
}

const isFrame = (code: number) => code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);
/** Supported modes: baseline, extended and progressive, with Huffman coding. */
const decoded = [0xc0, 0xc1, 0xc2];

function frameSize(code: number, frame: Uint8Array): Size {
  if (frame.length < 6) throw damaged('the JPEG has a frame header that is too short');
  if (!decoded.includes(code) || frame[0] !== 8) throw foreign('the JPEG uses a coding that browsers cannot decode');
  if (frame[5] === 4) throw foreign('the JPEG is in CMYK, which browsers decode to other colours');
  return { height: viewOf(frame).getUint16(1), width: viewOf(frame).getUint16(3) };
}

/** Whether the end marker occurs after a position; it cannot occur inside image data. */
function endsBehind(bytes: Uint8Array, place: number): boolean {
  for (let at = bytes.length - 2; at > place; at--) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}

const heeded = ['IHDR', 'PLTE', 'IDAT', 'IEND'];

/** Source: W3C, Portable Network Graphics, section 5. */
function plainPng(bytes: Uint8Array): PlainFile {
  const parts = [bytes.subarray(0, 8)];
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end > bytes.length) break;
    if (heeded.includes(type)) parts.push(bytes.subarray(at, end));
    if (type === 'IEND') return { kind: 'PNG', ...headerSize(parts[1]), parts };
    at = end;
  }
  throw damaged('the PNG ends early');
}

function headerSize(chunk: Uint8Array | undefined): Size {
  if (chunk?.length !== 25 || !startsWith(chunk, 4, 'IHDR')) throw damaged('the PNG has no header');
  if (chunk[16] === 16) throw foreign('the PNG has 16 bits per channel, which browsers round differently');
  return { width: viewOf(chunk).getUint32(8), height: viewOf(chunk).getUint32(12) };
}

/** Source: RFC 9649, section 2. */
function plainWebp(bytes: Uint8Array): PlainFile {
  const view = viewOf(bytes);
  for (let at = 12; at + 18 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length + (length % 2);
    if (startsWith(bytes, at, 'ANIM')) throw foreign('the WebP is an animation');
    if (end > bytes.length) break;
    const chunk = bytes.slice(at, end);
    if (startsWith(bytes, at, 'VP8 ')) return { kind: 'WebP', ...lossySize(chunk), parts: [riff(chunk), chunk] };
    if (startsWith(bytes, at, 'VP8L')) return { kind: 'WebP', ...losslessSize(chunk), parts: [riff(chunk), chunk] };
    at = end;
  }
  throw damaged('the WebP ends early');
}

function riff(chunk: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode('RIFF....WEBP');
  viewOf(header).setUint32(4, 4 + chunk.length, true);
  return header;
}

const lossySize = (chunk: Uint8Array): Size => ({
  width: viewOf(chunk).getUint16(14, true) & 0x3fff,
  height: viewOf(chunk).getUint16(16, true) & 0x3fff,
});

function losslessSize(chunk: Uint8Array): Size {
  const head = viewOf(chunk).getUint32(9, true);
  return { width: (head & 0x3fff) + 1, height: ((head >> 14) & 0x3fff) + 1 };
}
