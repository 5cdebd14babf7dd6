import { startsWith, type ImageKind } from '../image-kind.ts';
import { fullPalette, lookUp, type Size } from '../pixels.ts';
import { refuseShort, refuseTooLarge, viewBytes } from '../refusals.ts';
import { decodeLzw } from './gif-lzw.ts';

/**
 * GIF: the first frame on its canvas, which is filled with the frame's transparent colour, or with its first one.
 * Transparency is ignored.
 *
 * Read here and not by sharp, which blends transparency away and takes a frame without its last pixels for whole; what
 * the registry has (omggif, gifuct-js) does not say either whether a frame is complete.
 */
export const gif: ImageKind = {
  name: 'GIF',
  matches: (bytes) => startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a'),
  sizeOf: (bytes) => readFirstFrame(bytes).canvas,
  decode: (bytes) => {
    const frame = refuseShort('GIF', () => readFirstFrame(bytes));
    refuseTooLarge('GIF', frame.canvas);
    refuseTooLarge('GIF', frame);
    return lookUp(frame.canvas, decodeFrame(bytes, frame), frame.palette);
  },
};

/** The first picture of a GIF and what is needed to draw it. */
interface GifFrame extends Size {
  readonly canvas: Size;
  readonly left: number;
  readonly top: number;
  readonly interlaced: boolean;
  /** 256 colours, three bytes each. */
  readonly palette: Uint8Array;
  /** The index of the colour around the frame. */
  readonly around: number;
  /** Bits of the smallest LZW codes, less one. */
  readonly codeBits: number;
  /** Where the blocks of LZW codes begin. */
  readonly dataAt: number;
}

const extension = 0x21;
const imageDescriptor = 0x2c;
const trailer = 0x3b;
const graphicControl = 0xf9;

/**
 * Walks to the first frame, past whatever precedes it. The canvas grows to hold it.
 *
 * Throws a RangeError where the file ends before. Source: Pillow 9.4, GifImagePlugin.py, `_seek`.
 */
function readFirstFrame(bytes: Uint8Array): GifFrame {
  const file = viewBytes(bytes);
  const screen = { width: file.readUInt16LE(6), height: file.readUInt16LE(8) };
  let [colours, at] = readPalette(file, file.readUInt8(10), 13);
  let around = 0;
  for (;;) {
    const sign = file.readUInt8(at++);
    if (sign === trailer) throw new RangeError('the GIF has no frame');
    if (sign === extension) {
      const transparent = readTransparent(file, at);
      around = transparent ?? around;
      at = skipBlocks(file, at + 1);
    } else if (sign === imageDescriptor) break;
  }
  const [left, top, width, height] = [0, 2, 4, 6].map((offset) => file.readUInt16LE(at + offset)) as Four;
  const flags = file.readUInt8(at + 8);
  const [own, after] = readPalette(file, flags, at + 9);
  if (own) colours = own;
  const canvas = { width: Math.max(screen.width, left + width), height: Math.max(screen.height, top + height) };
  const interlaced = (flags & 0x40) !== 0;
  const palette = fullPalette(colours ?? new Uint8Array(0));
  return {
    canvas,
    left,
    top,
    width,
    height,
    interlaced,
    palette,
    around,
    codeBits: file.readUInt8(after),
    dataAt: after + 1,
  };
}

type Four = [number, number, number, number];

/** The colours that the flags announce at a place, if they do, and where they end. */
function readPalette(file: Buffer, flags: number, at: number): [Uint8Array | undefined, number] {
  if ((flags & 0x80) === 0) return [undefined, at];
  const end = at + 3 * (2 << (flags & 7));
  if (end > file.length) throw new RangeError('the GIF ends in a palette');
  return [file.subarray(at, end), end];
}

/** The index of the transparent colour, if the extension at a place is a graphic control that names one. */
function readTransparent(file: Buffer, at: number): number | undefined {
  const names = file.readUInt8(at) === graphicControl && (file.readUInt8(at + 2) & 1) !== 0;
  return names ? file.readUInt8(at + 5) : undefined;
}

/** Where the blocks that begin at a place end: each a length and as many bytes, the last of length zero. */
function skipBlocks(file: Buffer, at: number): number {
  for (;;) {
    const length = file.readUInt8(at);
    at += 1 + length;
    if (length === 0) return at;
  }
}

/** First row and distance of the rows of each pass. Source: GIF89a, appendix E. */
const interlaced = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** The palette index of each pixel of the canvas. */
function decodeFrame(bytes: Uint8Array, frame: GifFrame): Uint8Array {
  const { canvas, left, top, width, height } = frame;
  const pixels = decodeLzw(bytes, frame.dataAt, frame.codeBits, width * height);
  const indices = new Uint8Array(canvas.width * canvas.height).fill(frame.around);
  let from = 0;
  for (const [first, step] of frame.interlaced ? interlaced : [[0, 1] as const]) {
    for (let row = first; row < height; row += step) {
      indices.set(pixels.subarray(from, from + width), (top + row) * canvas.width + left);
      from += width;
    }
  }
  return indices;
}
