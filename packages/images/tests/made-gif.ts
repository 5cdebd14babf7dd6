/** A frame and the screen it stands on; colours are one byte each, a grey. */
export interface MadeGif {
  readonly screen: readonly [number, number];
  readonly colours?: readonly number[];
  readonly transparent?: number;
  /** Left, top, width, height. */
  readonly frame: readonly [number, number, number, number];
  readonly ownColours?: readonly number[];
  readonly interlaced?: boolean;
  /** Palette indices 0 … 3, or LZW codes as they are. */
  readonly indices?: readonly number[];
  readonly codes?: readonly number[];
}

const uint16 = (value: number) => [value & 255, value >> 8];
/** Four colours, red, green, blue alike. */
const palette = (colours: readonly number[]) => colours.flatMap((grey) => [grey, grey, grey]);
const [clear, end, codeSize] = [4, 5, 3];

/** Codes of three bits, lowest bit first; a clear code comes before every two indices, so that codes stay so short. */
function pack(codes: readonly number[]): number[] {
  const bits = codes.flatMap((code) => Array.from({ length: codeSize }, (_, bit) => (code >> bit) & 1));
  return Array.from({ length: Math.ceil(bits.length / 8) }, (_, byte) =>
    bits.slice(byte * 8, byte * 8 + 8).reduce((value, bit, place) => value | (bit << place), 0),
  );
}

/** Writes a GIF of four colours byte by byte, so that what it holds is known without any decoder. */
export function madeGif({
  screen,
  colours,
  transparent,
  frame,
  ownColours,
  interlaced,
  indices,
  codes,
}: MadeGif): Buffer {
  const data = pack(codes ?? [...(indices ?? []).flatMap((index, i) => (i % 2 ? [index] : [clear, index])), end]);
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...screen.flatMap(uint16),
    ...[colours ? 0x81 : 0, 0, 0],
    ...palette(colours ?? []),
    ...(transparent === undefined ? [] : [0x21, 0xf9, 4, 1, 0, 0, transparent, 0]),
    0x2c,
    ...frame.flatMap(uint16),
    (ownColours ? 0x81 : 0) | (interlaced ? 0x40 : 0),
    ...palette(ownColours ?? []),
    ...[2, data.length, ...data, 0, 0x3b],
  ]);
}
