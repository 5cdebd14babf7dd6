import { unreadable } from '../image-kind.ts';
import { blackTable, Fax, kindOf, modeTable, valueOf, whiteTable, widthOf, type FaxTable } from './fax-codes.ts';

/** How lines are coded: in one dimension without marks (RLE, RLEW) or with (group 3), in two (group 3, 2D; group 4). */
export type FaxCoding = 'bytes' | 'words' | 'group 3' | 'group 3, 2D' | 'group 4';

/** The data end within a line. */
class DataEnd extends Error {}

const unfinished = () => unreadable('damaged', 'the TIFF cannot be decoded: its fax-coded data end early');
const overflow = () => unreadable('damaged', 'the TIFF cannot be decoded: a fax-coded line has too many runs');

/**
 * Decodes black-and-white strips and tiles of the codings of ITU-T T.4 and T.6; a line becomes runs, white first, and the
 * runs become bits, of which 1 is black.
 *
 * After an invalid code, the rest of the line is white, and the next line starts with the next bits. Truncated strips are an error
 * only in one-dimensional coding. Source: libtiff 4.5, tif_fax3.c and tif_fax3.h. The state, including runs left by earlier lines and
 * strips, is the same as there, because damaged lines depend on it.
 */
export class FaxDecoder {
  readonly #coding: FaxCoding;
  /** Pixels of a line. */
  readonly #width: number;
  /** Runs of a line and of the line above, swapped after each line. */
  readonly #memory: readonly [Uint32Array, Uint32Array];
  #runs: Uint32Array;
  #above: Uint32Array;

  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #reversed = false;
  #bits = 0;
  #available = 0;
  /** Whether an end of line was found but not yet passed. */
  #metEnd = false;

  /** Runs of the line so far, the pixels they cover, and the current run. */
  #count = 0;
  #covered = 0;
  #run = 0;
  /** The next change in the line above, and the number of passed runs above. */
  #change = 0;
  #passed = 0;

  constructor(coding: FaxCoding, width: number) {
    this.#coding = coding;
    this.#width = width;
    const twice = coding === 'group 4' || coding === 'group 3, 2D' ? 2 : 1;
    const length = Math.ceil(width / 32) * 32 * twice;
    this.#memory = [new Uint32Array(length), new Uint32Array(length)];
    [this.#runs, this.#above] = this.#memory;
  }

  /** Fills rows of whole bytes. Throws OOD_IMAGE_UNREADABLE. */
  decode(input: Uint8Array, output: Uint8Array, lowBitFirst: boolean): void {
    [this.#input, this.#at, this.#reversed, this.#bits, this.#available] = [input, 0, lowBitFirst, 0, 0];
    this.#metEnd = false;
    [this.#runs, this.#above] = this.#memory;
    this.#above[0] = this.#width;
    this.#above[1] = 0;
    const stride = Math.ceil(this.#width / 8);
    for (let at = 0; at < output.length; at += stride) {
      this.#begin();
      const whole = this.#whole(() => this.#line());
      const last = !whole || (this.#coding === 'group 4' && this.#metEnd);
      if (last && (this.#coding !== 'group 4' || at === 0)) throw unfinished();
      this.#fill(output.subarray(at, at + stride));
      if (last) return;
      this.#finish();
    }
  }

  /** Whether `read` completes before the end of the data; otherwise the line is still cleaned up. */
  #whole(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof DataEnd)) throw error;
      this.#cleanUp();
      return false;
    }
  }

  #begin(): void {
    [this.#count, this.#covered, this.#run] = [0, 0, 0];
    this.#change = this.#above[0]! | 0;
    this.#passed = 1;
  }

  #line(): void {
    if (this.#coding === 'group 4') this.#twoDimensions();
    else if (this.#coding === 'bytes' || this.#coding === 'words') this.#oneDimension();
    else {
      this.#findEnd();
      if (this.#coding === 'group 3' || this.#take(1) === 1) this.#oneDimension();
      else this.#twoDimensions();
    }
    this.#cleanUp();
  }

  /** Finishes a line: skips to the next byte or word, or swaps the two lines. */
  #finish(): void {
    if (this.#coding === 'bytes') this.#drop(this.#available & 7);
    else if (this.#coding === 'words') {
      this.#drop(this.#available & 15);
      if (this.#available === 0) this.#at += this.#at & 1;
    } else if (this.#coding !== 'group 3') {
      if (this.#count < this.#runs.length) this.#add(0);
      else if (this.#coding === 'group 4') throw overflow();
      [this.#runs, this.#above] = [this.#above, this.#runs];
    }
  }

  #oneDimension(): void {
    for (;;) {
      if (!this.#runOf(whiteTable, true) || this.#covered >= this.#width) return;
      if (!this.#runOf(blackTable, true) || this.#covered >= this.#width) return;
      // Two empty runs cancel out.
      if (this.#runs[this.#count - 1] === 0 && this.#runs[this.#count - 2] === 0) this.#count -= 2;
    }
  }

  /** Reads a run; returns whether it ended properly. An end of line instead may be the mark of the next line. */
  #runOf(table: FaxTable, marked = false): boolean {
    for (;;) {
      const entry = this.#look(table);
      const kind = kindOf(entry);
      if (kind === Fax.run) {
        this.#add(valueOf(entry));
        return true;
      }
      if (kind !== Fax.makeUp) {
        if (marked && kind === Fax.endOfLine) this.#metEnd = true;
        return false;
      }
      this.#covered += valueOf(entry);
      this.#run += valueOf(entry);
    }
  }

  #twoDimensions(): void {
    while (this.#covered < this.#width) {
      if (this.#count >= this.#runs.length) throw overflow();
      const entry = this.#look(modeTable);
      const kind = kindOf(entry);
      if (kind === Fax.pass) this.#pass();
      else if (kind === Fax.horizontal) {
        const first = this.#count % 2 === 1 ? blackTable : whiteTable;
        if (!this.#runOf(first) || !this.#runOf(first === whiteTable ? blackTable : whiteTable)) return;
        this.#passCovered();
      } else if (kind === Fax.vertical) {
        if (!this.#vertical(valueOf(entry) - 3)) return;
      } else {
        if (kind !== Fax.unknown) this.#runs[this.#count++] = this.#width - this.#covered;
        if (kind === Fax.endOfLine) {
          this.#take(4);
          this.#metEnd = true;
        }
        return;
      }
    }
    if (this.#run === 0) return;
    // A run that passes beyond the changes above ends where the change of a vertical mode says so.
    if (this.#run + this.#covered < this.#width && this.#peek(1) === 0) return;
    if (this.#run + this.#covered < this.#width) this.#drop(1);
    this.#add(0);
  }

  #pass(): void {
    this.#passCovered();
    this.#change = (this.#change + this.#nextAbove()) | 0;
    this.#run += this.#change - this.#covered;
    this.#covered = this.#change;
    this.#change = (this.#change + this.#nextAbove()) | 0;
  }

  /** Ends a run at the next change above, or some pixels away; returns whether there is room for it. */
  #vertical(right: number): boolean {
    this.#passCovered();
    if (right < 0 && this.#change < this.#covered - right) return false;
    this.#add(this.#change - this.#covered + right);
    if (right >= 0) this.#change = (this.#change + this.#nextAbove()) | 0;
    else this.#change = (this.#change - this.#above[--this.#passed]!) | 0;
    return true;
  }

  /** Moves the next change above past the covered pixels. */
  #passCovered(): void {
    if (this.#count === 0) return;
    while (this.#change <= this.#covered && this.#change < this.#width) {
      if (this.#passed + 1 >= this.#above.length) throw overflow();
      this.#change = (this.#change + this.#nextAbove() + this.#nextAbove()) | 0;
    }
  }

  #nextAbove(): number {
    if (this.#passed >= this.#above.length) throw overflow();
    return this.#above[this.#passed++]! | 0;
  }

  #add(pixels: number): void {
    if (this.#count >= this.#runs.length) throw overflow();
    this.#runs[this.#count++] = this.#run + pixels;
    this.#covered += pixels;
    this.#run = 0;
  }

  /** Fits the runs to the line: removes the excess, fills the rest with white. */
  #cleanUp(): void {
    if (this.#run !== 0) this.#add(0);
    if (this.#covered === this.#width) return;
    while (this.#covered > this.#width && this.#count > 0) this.#covered -= this.#runs[--this.#count]! | 0;
    if (this.#covered < this.#width) {
      this.#covered = Math.max(0, this.#covered);
      if (this.#count % 2 === 1) this.#add(0);
      this.#add(this.#width - this.#covered);
    } else if (this.#covered > this.#width) {
      this.#add(this.#width);
      this.#add(0);
    }
  }

  /** Writes the runs as bits, cut off at the end of the line. */
  #fill(row: Uint8Array): void {
    let x = 0;
    for (let i = 0; i < this.#count; i++) {
      let run = this.#runs[i]!;
      if ((x + run) >>> 0 > this.#width || run > this.#width) run = this.#runs[i] = this.#width - x;
      setBits(row, x, x + run, i % 2 === 1);
      x += run;
    }
  }

  /** Skips to the end of a line and passes it: eleven zeros or more, and a one. */
  #findEnd(): void {
    if (!this.#metEnd) while (this.#peek(11) !== 0) this.#drop(1);
    while (this.#peek(8) === 0) this.#drop(8);
    while ((this.#bits & 1) === 0) this.#drop(1);
    this.#drop(1);
    this.#metEnd = false;
  }

  #look({ bits, entries }: FaxTable): number {
    const entry = entries[this.#peek(bits)]!;
    this.#drop(widthOf(entry));
    return entry;
  }

  #take(bits: number): number {
    const value = this.#peek(bits);
    this.#drop(bits);
    return value;
  }

  #peek(bits: number): number {
    this.#need(bits);
    return this.#bits & ((1 << bits) - 1);
  }

  #drop(bits: number): void {
    this.#available -= bits;
    this.#bits >>>= bits;
  }

  /** Ensures that enough bits are buffered; beyond the end they are zeros, if at least one real bit is left. */
  #need(bits: number): void {
    while (this.#available < bits) {
      if (this.#at >= this.#input.length) {
        if (this.#available === 0) throw new DataEnd();
        this.#available = bits;
        return;
      }
      const byte = this.#input[this.#at++]!;
      this.#bits |= (this.#reversed ? byte : reverse(byte)) << this.#available;
      this.#available += 8;
    }
  }
}

/** A byte with its bits in the other order. */
export const reverse = (byte: number): number => {
  let bits = ((byte & 0x55) << 1) | ((byte >> 1) & 0x55);
  bits = ((bits & 0x33) << 2) | ((bits >> 2) & 0x33);
  return ((bits & 0x0f) << 4) | (bits >> 4);
};

/** Sets or clears a range of bits, highest bit of a byte first. */
function setBits(row: Uint8Array, from: number, to: number, value: boolean): void {
  for (let x = from; x < to;) {
    const end = Math.min(to, (x | 7) + 1);
    const mask = (0xff >> (x & 7)) & (0xff << (7 - ((end - 1) & 7)));
    if (value) row[x >> 3]! |= mask;
    else row[x >> 3]! &= ~mask;
    x = end;
  }
}
