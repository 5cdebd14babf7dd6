import { refuseShort, unreadable, viewBytes } from '../image-kind.ts';
import type { Size } from '../pixels.ts';

/** The directory of a TIFF's first page. */
export interface TiffDirectory extends Size {
  readonly bigEndian: boolean;
  readonly compression: number;
  readonly photometric: number;
  /** Bits of each sample of a pixel; `extra`: the meaning of samples beyond the colours. */
  readonly bits: readonly number[];
  readonly extra: readonly number[];
  /** 1: unsigned integers. */
  readonly sampleFormat: number;
  /** The size of a tile, if the picture has tiles instead of strips. */
  readonly tile: Size | undefined;
  /** The positions and byte counts of tiles or strips. */
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
  /** Rows of a strip. */
  readonly rowsPerStrip: number;
  /** Whether each sample has separate strips or tiles. */
  readonly planar: boolean;
  /** 2 if samples are differences from the previous pixel. */
  readonly predictor: number;
  /** Whether the lowest bit of a byte comes first. */
  readonly lowBitFirst: boolean;
  /** Whether lines of group 3 also use two-dimensional coding. */
  readonly faxIn2D: boolean;
  /** 1 to 8, as in EXIF. */
  readonly orientation: number;
  /** Red, then green, then blue of a palette, 16 bits each. */
  readonly colourMap: readonly number[];
  /** What all blocks of a JPEG share, and how its colours are sampled. */
  readonly jpegTables: readonly number[];
  readonly sampling: readonly number[];
}

const maxSamples = 6;
const wholePicture = 2 ** 32 - 1;

/**
 * Reads the first directory. Throws OOD_IMAGE_UNREADABLE for invalid data.
 *
 * Source: TIFF 6.0, and Pillow 9.4, TiffImagePlugin.py, `_setup`, for the defaults of missing tags.
 */
export const readTiffDirectory = (bytes: Uint8Array): TiffDirectory =>
  refuseShort('TIFF', () => describePage(new TiffTags(viewBytes(bytes))));

function describePage(tags: TiffTags): TiffDirectory {
  const one = (tag: number, otherwise: number) => tags.values(tag)?.[0] ?? otherwise;
  const tile = { width: one(322, 0), height: one(323, 0) };
  const tiled = !tags.values(273) && tile.width > 0;
  const offsets = tags.values(tiled ? 324 : 273) ?? [];
  return {
    width: one(256, 0),
    height: one(257, 0),
    bigEndian: tags.bigEndian,
    compression: one(259, 1),
    photometric: one(262, 0),
    bits: bitsOf(tags.values(258) ?? [1], one(277, 1)),
    extra: tags.values(338) ?? [],
    sampleFormat: one(339, 1),
    tile: tiled ? tile : undefined,
    offsets,
    counts: tags.values(tiled ? 325 : 279, offsets.length) ?? [],
    rowsPerStrip: one(278, wholePicture),
    planar: one(284, 1) === 2 && one(277, 1) > 1,
    predictor: one(317, 1),
    lowBitFirst: one(266, 1) === 2,
    faxIn2D: (one(292, 0) & 1) === 1,
    orientation: one(274, 1),
    colourMap: tags.values(320) ?? [],
    jpegTables: tags.values(347) ?? [],
    sampling: tags.values(530) ?? [],
  };
}

/** One entry per sample: a single number applies to all, extra numbers are dropped. */
function bitsOf(bits: readonly number[], samples: number): readonly number[] {
  const all = bits.length === 1 && samples <= maxSamples ? Array.from({ length: samples }, () => bits[0]!) : bits;
  if (all.length < samples)
    throw unreadable('damaged', `the TIFF has ${samples} samples per pixel, but does not give their bits`);
  return all.slice(0, samples);
}

/** Bytes per value of the supported types: BYTE, SHORT, LONG, UNDEFINED. */
const sizes: Readonly<Record<number, 1 | 2 | 4>> = { 1: 1, 3: 2, 4: 4, 7: 1 };

interface Entry {
  readonly size: 1 | 2 | 4;
  readonly count: number;
  readonly at: number;
}

/** The integer entries of a TIFF's first directory. */
class TiffTags {
  readonly bigEndian: boolean;
  readonly #file: Buffer;
  readonly #entries = new Map<number, Entry>();

  /** Throws a RangeError if the file ends within the entries. */
  constructor(file: Buffer) {
    this.#file = file;
    this.bigEndian = file.readUInt8(0) === 0x4d;
    const directory = this.#number(4, 4);
    const count = this.#number(directory, 2);
    for (let i = 0; i < count; i++) this.#addEntry(directory + 2 + 12 * i);
  }

  /** The first values of a tag, if present. Throws a RangeError if some are beyond the end of the file. */
  values(tag: number, most = Infinity): number[] | undefined {
    const entry = this.#entries.get(tag);
    if (!entry) return undefined;
    const length = Math.min(entry.count, most);
    if (entry.at + length * entry.size > this.#file.length) throw new RangeError(`tag ${tag} is truncated`);
    return Array.from({ length }, (_, i) => this.#number(entry.at + i * entry.size, entry.size));
  }

  /** Values of up to four bytes are in the entry; longer ones are where it points. */
  #addEntry(at: number): void {
    const [size, count, value] = [sizes[this.#number(at + 2, 2)], this.#number(at + 4, 4), at + 8];
    const pointed = this.#number(value, 4);
    if (size) this.#entries.set(this.#number(at, 2), { size, count, at: size * count > 4 ? pointed : value });
  }

  #number(at: number, size: 1 | 2 | 4): number {
    return this.bigEndian ? this.#file.readUIntBE(at, size) : this.#file.readUIntLE(at, size);
  }
}
