import { paletteOf } from '../palette.ts';
import { unreadable } from '../refusals.ts';

/** The palette of a BMP. */
export interface BmpPalette {
  /** 256 colours, three bytes each. */
  readonly colours: Uint8Array;
  /** How many of them the file has, and where they end. */
  readonly count: number;
  readonly end: number;
  /** How many bits a pixel has whatever the header says: one in black and white, eight in other greys. */
  readonly bits: 1 | 8 | undefined;
}

/**
 * Reads a palette of `count` colours, blue first, `size` bytes each.
 *
 * A palette that is the ramp of greys makes Pillow take a pixel for eight bits, or for one where it has two colours,
 * without a look at the header: in files of four bits that is a fault, which is kept here as what networks are shown.
 */
export function readBmpPalette(file: Buffer, at: number, count: number, size: 3 | 4): BmpPalette {
  const end = at + count * size;
  if (count > 65_536 || end > file.length) throw unreadable('damaged', 'the BMP ends in its palette');
  const greys = count === 2 ? [0, 255] : Array.from({ length: count }, (_, i) => i & 255);
  const grey = greys.every((value, i) => [0, 1, 2].every((colour) => file[at + i * size + colour] === value));
  if (grey && count === 2) return { colours: paletteOf(Uint8Array.of(0, 0, 0, 255, 255, 255)), count, end, bits: 1 };
  if (grey) return { colours: paletteOf(new Uint8Array(0)), count, end, bits: 8 };
  if (count > 256) throw unreadable('damaged', `the BMP has a palette of ${count} colours`);
  const colours = Uint8Array.from({ length: 3 * count }, (_, i) => file[at + Math.floor(i / 3) * size + 2 - (i % 3)]!);
  return { colours: paletteOf(colours), count, end, bits: undefined };
}
