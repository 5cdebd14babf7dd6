import { refuseShort } from '../refuse-short.ts';
import type { Size } from '../resized-size.ts';
import { unreadable } from '../refusals.ts';
import { viewBytes } from '../view-bytes.ts';
import { TiffTags } from './tiff-tags.ts';

/** What the first page's directory says of a TIFF's pixels. */
export interface TiffDirectory extends Size {
  readonly bigEndian: boolean;
  readonly compression: number;
  readonly photometric: number;
  /** Bits of each sample of a pixel, and what the samples beyond the colours are. */
  readonly bits: readonly number[];
  readonly extra: readonly number[];
  /** 1 is whole numbers. */
  readonly sampleFormat: number;
  /** The size of a tile, if the picture is cut into tiles and not into strips. */
  readonly tile: Size | undefined;
  /** Where the tiles or strips begin, and how many bytes each has. */
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
  /** Rows of a strip. */
  readonly rowsPerStrip: number;
  /** Whether each sample has strips or tiles of its own. */
  readonly planar: boolean;
  /** 2 where samples are differences from the pixel before. */
  readonly predictor: number;
  /** Whether the lowest bit of a byte comes first. */
  readonly lowBitFirst: boolean;
  /** Whether lines of group 3 are coded in two dimensions, too. */
  readonly faxIn2D: boolean;
  /** 1 to 8, as EXIF has them. */
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
 * Reads the first directory; of what has no sense OOD_IMAGE_UNREADABLE says so.
 *
 * Source: TIFF 6.0, and Pillow 9.4, TiffImagePlugin.py, `_setup`, for what stands in for an absent tag.
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

/** One entry a sample: a single number stands for all of them, numbers too many are dropped. */
function bitsOf(bits: readonly number[], samples: number): readonly number[] {
  const all = bits.length === 1 && samples <= maxSamples ? Array.from({ length: samples }, () => bits[0]!) : bits;
  if (all.length < samples) throw unreadable('damaged', `the TIFF has ${samples} samples a pixel, but not their bits`);
  return all.slice(0, samples);
}
