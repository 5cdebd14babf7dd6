import { refuseShort, refuseTooLarge, startsWith, unreadable, viewBytes, type ImageKind } from '../image-kind.ts';
import { fullPalette, lookUp, type Size } from '../pixels.ts';

/**
 * GIF: the first frame on its canvas, which is filled with the frame's transparent colour, or with its first one.
 * Transparency is ignored.
 *
 * Decoded here and not by sharp, which blends transparency and accepts a frame without its last pixels as complete. The
 * packages in the registry (omggif, gifuct-js) do not report incomplete frames either.
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

/** The first frame of a GIF, and what is needed to draw it. */
interface Frame extends Size {
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
 * Finds the first frame, skipping everything before it. The canvas grows to hold it.
 *
 * Throws a RangeError if the file ends too early. Source: Pillow 9.4, GifImagePlugin.py, `_seek`.
 */
function readFirstFrame(bytes: Uint8Array): Frame {
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

/** The palette at a position, if the flags announce one, and where it ends. */
function readPalette(file: Buffer, flags: number, at: number): [Uint8Array | undefined, number] {
  if ((flags & 0x80) === 0) return [undefined, at];
  const end = at + 3 * (2 << (flags & 7));
  if (end > file.length) throw new RangeError('the GIF ends in a palette');
  return [file.subarray(at, end), end];
}

/** The index of the transparent colour, if the extension at a position is a graphic control that has one. */
function readTransparent(file: Buffer, at: number): number | undefined {
  const names = file.readUInt8(at) === graphicControl && (file.readUInt8(at + 2) & 1) !== 0;
  return names ? file.readUInt8(at + 5) : undefined;
}

/** Where the blocks starting at a position end: each has a length and that many bytes; the last has length zero. */
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
function decodeFrame(bytes: Uint8Array, frame: Frame): Uint8Array {
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

/**
 * Decodes GIF's LZW until `length` pixels are complete; the rest is ignored. `bits` is the length of the first codes minus one.
 *
 * Throws OOD_IMAGE_UNREADABLE if pixels are missing, or a code is used before it is defined.
 * Source: GIF89a, appendix F, and Pillow 9.4, GifDecode.c, for what is an error.
 */
function decodeLzw(bytes: Uint8Array, at: number, bits: number, length: number): Uint8Array {
  if (bits > 11) throw unreadable('damaged', `the GIF is damaged: its codes begin with ${bits + 1} bits`);
  const clear = 1 << bits;
  const codes = new BlockBits(bytes, at);
  const table = new LzwTable(bits);
  const pixels = new Uint8Array(length);
  for (let written = 0; written < length;) {
    const code = codes.read(table.codeSize);
    if (code === clear) table.clear();
    else if (code === clear + 1) throw unreadable('damaged', 'the GIF ends before its last pixel');
    else {
      const string = table.expand(code);
      pixels.set(string.subarray(0, length - written), written);
      written += string.length;
    }
  }
  return pixels;
}

const longestCode = 12;
const tableSize = 1 << longestCode;

/** The code table of an LZW stream; each expanded code defines the next one. */
class LzwTable {
  /** How many bits the next code has. */
  codeSize = 0;
  readonly #bits: number;
  /** The string of a code is the string of its prefix and one pixel more. */
  readonly #prefixes = new Uint16Array(tableSize);
  readonly #lasts = new Uint8Array(tableSize);
  readonly #string = new Uint8Array(tableSize + 1);
  #next = 0;
  #previous: number | undefined;
  #first = 0;

  constructor(bits: number) {
    this.#bits = bits;
    this.clear();
  }

  /** Clears all defined codes. */
  clear(): void {
    this.codeSize = this.#bits + 1;
    this.#next = (1 << this.#bits) + 2;
    this.#previous = undefined;
  }

  /** The string of a code, valid until the next call. Throws OOD_IMAGE_UNREADABLE for an undefined code. */
  expand(code: number): Uint8Array {
    const known = this.#previous === undefined ? code < 1 << this.#bits : code <= this.#next;
    if (!known) throw unreadable('damaged', 'the GIF is damaged: an invalid code');
    const string = this.#string.subarray(this.#unfold(code));
    if (this.#previous !== undefined && this.#next < tableSize) this.#define(this.#previous);
    this.#previous = code;
    return string;
  }

  /** Writes a string from its end; returns where it starts. The code being defined is the previous string plus its first pixel. */
  #unfold(code: number): number {
    let begin = this.#string.length;
    let rest = code;
    if (code === this.#next) {
      this.#string[--begin] = this.#first;
      rest = this.#previous!;
    }
    for (; rest >= 1 << this.#bits; rest = this.#prefixes[rest]!) this.#string[--begin] = this.#lasts[rest]!;
    this.#first = rest;
    this.#string[--begin] = rest;
    return begin;
  }

  #define(prefix: number): void {
    this.#prefixes[this.#next] = prefix;
    this.#lasts[this.#next] = this.#first;
    if (this.#next === (1 << this.codeSize) - 1 && this.codeSize < longestCode) this.codeSize++;
    this.#next++;
  }
}

/** Reads numbers of a few bits, lowest bit first, from blocks that each begin with their length. */
class BlockBits {
  readonly #bytes: Uint8Array;
  #at: number;
  /** Unread bytes of the block. */
  #left = 0;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The next `size` bits. Throws OOD_IMAGE_UNREADABLE at the end of the blocks; a truncated block is not started. */
  read(size: number): number {
    while (this.#count < size) {
      while (this.#left === 0) this.#beginBlock();
      this.#bits |= this.#bytes[this.#at++]! << this.#count;
      this.#count += 8;
      this.#left--;
    }
    const value = this.#bits & ((1 << size) - 1);
    this.#bits >>>= size;
    this.#count -= size;
    return value;
  }

  #beginBlock(): void {
    const length = this.#bytes[this.#at++];
    if (length === undefined || this.#at + length > this.#bytes.length) {
      throw unreadable('damaged', 'the GIF ends early');
    }
    this.#left = length;
  }
}
