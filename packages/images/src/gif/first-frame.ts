import { paletteOf } from '../palette.ts';
import type { Size } from '../resized-size.ts';
import { viewBytes } from '../view-bytes.ts';

/** The first picture of a GIF and what is needed to draw it. */
export interface GifFrame extends Size {
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
export function readFirstFrame(bytes: Uint8Array): GifFrame {
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
  const palette = paletteOf(colours ?? new Uint8Array(0));
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
