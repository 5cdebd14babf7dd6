import { unreadable } from '../image-kind.ts';
import type { Size } from '../pixels.ts';
import { decodeDeflate, decodeLzw, decodePackBits } from './codecs.ts';
import type { TiffDirectory } from './directory.ts';
import { FaxDecoder, reverse } from './fax.ts';
import { decodeZstandard } from './zstandard.ts';

/** A strip or tile: its part of the picture, and the position of its bytes. */
export interface Block extends Size {
  readonly left: number;
  readonly top: number;
  /** The sample it contains, if samples are separate; 0 if a block contains all. */
  readonly plane: number;
  readonly offset: number;
  readonly count: number;
  /** Bytes of a row. */
  readonly stride: number;
}

/** The blocks listed in the file, in order: by plane, then rows from the top. */
export function blocksOf(directory: TiffDirectory, fileLength: number): Block[] {
  const { width, height, tile, rowsPerStrip, bits, planar, offsets, counts } = directory;
  const size = tile ?? { width, height: Math.min(height, Math.max(1, rowsPerStrip)) };
  const stride = Math.ceil((size.width * samplesOf(directory) * bits[0]!) / 8);
  const blocks: Block[] = [];
  for (let plane = 0; plane < (planar ? bits.length : 1); plane++) {
    for (let top = 0; top < height; top += size.height) {
      for (let left = 0; left < width; left += size.width) {
        const number = blocks.length;
        // Limited to the listed blocks: a picture with one-pixel tiles would have as many blocks as pixels.
        if (number === offsets.length) return blocks;
        const rows = tile ? size.height : Math.min(size.height, height - top);
        const place = { left, top, plane, width: size.width, height: rows, stride };
        blocks.push({ ...place, offset: offsets[number]!, count: counts[number] ?? 0 });
      }
    }
  }
  // A single block without a length may extend to the end of the file, as in libtiff.
  const [only, second] = blocks;
  if (only && !second && only.count === 0) {
    return [{ ...only, count: Math.max(0, fileLength - only.offset) }];
  }
  return blocks;
}

/** Samples per pixel in a block. */
const samplesOf = ({ planar, bits }: TiffDirectory): number => (planar ? 1 : bits.length);

/** How many blocks the picture should have. */
function blockCount({ width, height, tile, rowsPerStrip, planar, bits }: TiffDirectory): number {
  const across = tile ? Math.ceil(width / tile.width) : 1;
  const down = Math.ceil(height / (tile ? tile.height : Math.max(1, rowsPerStrip)));
  return across * down * (planar ? bits.length : 1);
}

/** Fills the rows of a block, as the file has its samples. */
export type BlockDecoder = (block: Block, rows: Uint8Array) => void | Promise<void>;
type Codec = (input: Uint8Array, output: Uint8Array) => void | Promise<void>;

/** Compressions, by number. The decoded bytes of these blocks are samples, or differences of samples. */
const codecs: Readonly<Record<number, Codec>> = {
  5: decodeLzw,
  8: decodeDeflate,
  32946: decodeDeflate,
  50000: decodeZstandard,
};
const uncompressed = 1;
const packBits = 32773;
/** Modified Huffman in bytes and in words, groups 3 and 4. */
const fax = [2, 32771, 3, 4];

const early = () => unreadable('damaged', 'the TIFF ends before its last pixel');
const damaged = (why: string) => unreadable('damaged', `the TIFF is damaged: ${why}`);

/**
 * The decoder for the blocks of a picture; undefined for compressions handled by another decoder, or unsupported ones.
 *
 * Throws OOD_IMAGE_UNREADABLE if a compression does not fit the samples.
 */
export function blockDecoder(file: Uint8Array, directory: TiffDirectory): BlockDecoder | undefined {
  const { compression, bits } = directory;
  const listed = directory.offsets.length;
  // Without compression, Pillow leaves unlisted blocks black.
  if (listed === 0 || (compression !== uncompressed && listed < blockCount(directory))) throw early();
  if (compression === uncompressed) return (block, rows) => copyRows(file, block, rows, directory);
  const codec = compression === packBits ? decodePackBits : codecs[compression];
  if (codec) {
    const differences = compression !== packBits && directory.predictor !== 1;
    if (differences) checkPredictor(directory);
    return async (block, rows) => {
      await codec(inFileOrder(contentOf(file, block), directory), rows);
      if (differences) sumUp(rows, block.stride, directory);
    };
  }
  if (!fax.includes(compression)) return undefined;
  if (bits[0] !== 1) throw damaged(`fax coding of ${bits[0]} bits`);
  return faxDecoder(file, directory);
}

function faxDecoder(file: Uint8Array, directory: TiffDirectory): BlockDecoder {
  const { compression, faxIn2D, lowBitFirst, tile, width } = directory;
  const group3 = faxIn2D ? 'group 3, 2D' : 'group 3';
  const coding = compression === 2 ? 'bytes' : compression === 4 ? 'group 4' : compression === 3 ? group3 : 'words';
  const decoder = new FaxDecoder(coding, tile?.width ?? width);
  return (block, rows) => decoder.decode(contentOf(file, block), rows, lowBitFirst);
}

/** Copies uncompressed rows. Pillow uses only their start position. */
function copyRows(file: Uint8Array, block: Block, rows: Uint8Array, directory: TiffDirectory): void {
  const { offset, height, top, stride } = block;
  const length = Math.min(height, directory.height - top) * stride;
  if (offset + length > file.length) throw early();
  rows.set(inFileOrder(file.subarray(offset, offset + length), directory));
}

/** The bytes of a compressed block. */
export function contentOf(file: Uint8Array, { offset, count }: Block): Uint8Array {
  if (count === 0 || offset + count > file.length) throw early();
  return file.subarray(offset, offset + count);
}

const inFileOrder = (bytes: Uint8Array, { lowBitFirst }: TiffDirectory): Uint8Array =>
  lowBitFirst ? bytes.map(reverse) : bytes;

function checkPredictor({ predictor, bits }: TiffDirectory): void {
  if (predictor !== 2) throw damaged(`its predictor is ${predictor}`);
  if (bits[0] !== 8 && bits[0] !== 16) throw damaged(`differences of ${bits[0]} bits`);
}

/** Converts differences to samples, row by row, each relative to the same sample of the previous pixel. */
function sumUp(rows: Uint8Array, stride: number, directory: TiffDirectory): void {
  const samples = samplesOf(directory);
  const wide = directory.bits[0] === 16;
  const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
  for (let row = 0; row < rows.length; row += stride) {
    if (wide) sumWide(view, row, stride, samples, !directory.bigEndian);
    else for (let i = row + samples; i < row + stride; i++) rows[i]! += rows[i - samples]!;
  }
}

function sumWide(view: DataView, row: number, stride: number, samples: number, littleEndian: boolean): void {
  for (let at = row + 2 * samples; at < row + stride; at += 2) {
    const before = view.getUint16(at - 2 * samples, littleEndian);
    view.setUint16(at, view.getUint16(at, littleEndian) + before, littleEndian);
  }
}
