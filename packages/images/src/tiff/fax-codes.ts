/** The codes of runs of 0 to 63 pixels, of 64 to 1,728 in steps of 64, and of 1,792 to 2,560. Source: ITU-T T.4, tables 2 and 3. */
const terminatingWhite =
  '00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 ' +
  '110101 101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 ' +
  '0100100 0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100 00010101 00010110 ' +
  '00010111 00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 00001010 ' +
  '00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010 ' +
  '01011011 01001010 01001011 00110010 00110011 00110100';
const terminatingBlack =
  '0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 ' +
  '000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 ' +
  '00000101000 00000010111 00000011000 000011001010 000011001011 000011001100 000011001101 ' +
  '000001101000 000001101001 000001101010 000001101011 000011010010 000011010011 000011010100 ' +
  '000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 000011011011 ' +
  '000001010100 000001010101 000001010110 000001010111 000001100100 000001100101 000001010010 ' +
  '000001010011 000000100100 000000110111 000000111000 000000100111 000000101000 000001011000 ' +
  '000001011001 000000101011 000000101100 000001011010 000001100110 000001100111';
const makeUpWhite =
  '11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 ' +
  '011001101 011010010 011010011 011010100 011010101 011010110 011010111 011011000 011011001 ' +
  '011011010 011011011 010011000 010011001 010011010 011000 010011011';
const makeUpBlack =
  '0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 ' +
  '0000001101100 0000001101101 0000001001010 0000001001011 0000001001100 0000001001101 ' +
  '0000001110010 0000001110011 0000001110100 0000001110101 0000001110110 0000001110111 ' +
  '0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011 ' +
  '0000001100100 0000001100101';
const makeUpBoth =
  '00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 ' +
  '000000010110 000000010111 000000011100 000000011101 000000011110 000000011111';
/** The meaning of a code: a final or continued run, the end of a line, or a two-dimensional mode. */
export const Fax = {
  unknown: 0,
  run: 1,
  makeUp: 2,
  endOfLine: 3,
  pass: 4,
  horizontal: 5,
  vertical: 6,
  extension: 7,
} as const;
type Fax = (typeof Fax)[keyof typeof Fax];

/** Codes found by their next bits, the first bit lowest: kind · 2¹⁶ + (bits of the code) · 2¹² + value. */
export interface FaxTable {
  readonly bits: number;
  readonly entries: Int32Array;
}

export const kindOf = (entry: number): number => entry >> 16;
export const widthOf = (entry: number): number => (entry >> 12) & 15;
export const valueOf = (entry: number): number => entry & 0xfff;

type Codes = readonly (readonly [string, Fax, number])[];

function tableOf(bits: number, codes: Codes): FaxTable {
  const entries = new Int32Array(1 << bits);
  for (const [code, kind, value] of codes) {
    const first = Number.parseInt(Array.from(code).reverse().join(''), 2);
    for (let i = first; i < entries.length; i += 1 << code.length)
      entries[i] = (kind << 16) | (code.length << 12) | value;
  }
  return { bits, entries };
}

const runs = (codes: string, kind: Fax, first: number, step: number): Codes =>
  codes.split(' ').map((code, i) => [code, kind, first + i * step] as const);
const endOfLine: Codes = [['00000000000', Fax.endOfLine, 0]];
const longRuns = runs(makeUpBoth, Fax.makeUp, 1792, 64);

export const whiteTable = tableOf(12, [
  ...runs(makeUpWhite, Fax.makeUp, 64, 64),
  ...longRuns,
  ...runs(terminatingWhite, Fax.run, 0, 1),
  ...endOfLine,
]);
export const blackTable = tableOf(13, [
  ...runs(makeUpBlack, Fax.makeUp, 64, 64),
  ...longRuns,
  ...runs(terminatingBlack, Fax.run, 0, 1),
  ...endOfLine,
]);
/** Vertical modes hold the distance to the right, plus 3. Source: ITU-T T.4, table 4. */
export const modeTable = tableOf(7, [
  ['0001', Fax.pass, 0],
  ['001', Fax.horizontal, 0],
  ['1', Fax.vertical, 3],
  ['011', Fax.vertical, 4],
  ['000011', Fax.vertical, 5],
  ['0000011', Fax.vertical, 6],
  ['010', Fax.vertical, 2],
  ['000010', Fax.vertical, 1],
  ['0000010', Fax.vertical, 0],
  ['0000001', Fax.extension, 0],
  ['0000000', Fax.endOfLine, 0],
]);
