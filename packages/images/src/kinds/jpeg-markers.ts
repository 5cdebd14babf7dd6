import { unreadable } from '../refusals.ts';

export const isFrame = (code: number) => code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);
export const isRestart = (code: number) => code >= 0xd0 && code <= 0xd7;
export const isApplication = (code: number) => code >= 0xe0 && code <= 0xef;
export const [dht, dac, eoi, sos, dqt, dnl, dri, com] = [0xc4, 0xcc, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xfe];
/** What Pillow steps over as if it were a segment, or as if it stood alone: JPG, RSTn, SOI, EOI, JPGn. */
export const steppedOver = (code: number) =>
  code === 0xc8 || (code >= 0xd0 && code <= 0xd9) || (code >= 0xf0 && code <= 0xfd);

/** Reads markers and segments as libjpeg does. */
export class Markers {
  readonly file: Buffer;
  at: number;

  constructor(file: Buffer, at: number) {
    this.file = file;
    this.at = at;
  }

  /** The next marker: an FF that neither 00 nor another FF follows. Whatever lies before is skipped. */
  next(): number {
    for (;;) {
      const found = this.file.indexOf(0xff, this.at);
      if (found === -1) throw new EndOfFile();
      this.at = found + 1;
      while (this.file[this.at] === 0xff) this.at++;
      if (this.at >= this.file.length) throw new EndOfFile();
      const code = this.file[this.at++]!;
      if (code !== 0) return code;
    }
  }

  /** The segment that begins here. */
  segment(): Segment {
    if (this.at + 2 > this.file.length) throw new EndOfFile();
    const length = Math.max(2, this.file.readUInt16BE(this.at)) - 2;
    const rest = this.file.subarray(this.at + 2);
    this.at += 2 + length;
    return { rest, length };
  }

  /** The content of the segment that begins here, which is all there. */
  content(): Buffer {
    const { rest, length } = this.segment();
    if (rest.length < length) throw new EndOfFile();
    return rest.subarray(0, length);
  }
}

/** A segment behind its marker and its length: the file from here on, and how long the segment says its content is. */
export interface Segment {
  readonly rest: Buffer;
  readonly length: number;
}

/** The file ends within what is read; libjpeg then waits for more, which for a whole picture is no error. */
export class EndOfFile extends Error {}

const hex = (code: number) => `FF${code.toString(16).toUpperCase().padStart(2, '0')}`;
export const damaged = (code: number, why: string) =>
  unreadable('damaged', `the JPEG is damaged: marker ${hex(code)} ${why}`);
