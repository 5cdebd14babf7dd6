import { startsWith, unreadable, viewBytes, type ImageKind } from '../image-kind.ts';
import type { Size } from '../pixels.ts';
import { decodeCmyk, decodeRgb } from '../sharp-decoder.ts';

/**
 * JPEG with one component (grey), three, or four (CMYK and YCCK, inverted as Adobe writes them): every sampling,
 * sequential, progressive, arithmetic. EXIF's orientation is ignored.
 */
export const jpeg: ImageKind = {
  name: 'JPEG',
  matches: (bytes) => startsWith(bytes, '\xff\xd8\xff'),
  sizeOf: readSize,
  decode: async (bytes) => {
    const components = readJpegMarkers(bytes);
    return components === 4 ? decodeCmyk({ kind: 'JPEG', bytes }) : decodeRgb({ kind: 'JPEG', bytes });
  },
};

const isFrame = (code: number) => code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);
const isRestart = (code: number) => code >= 0xd0 && code <= 0xd7;
const isApplication = (code: number) => code >= 0xe0 && code <= 0xef;
const [dht, dac, eoi, sos, dqt, dnl, dri, com] = [0xc4, 0xcc, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xfe];
/** Markers that Pillow skips: JPG, RSTn, SOI, EOI, JPGn. */
const steppedOver = (code: number) => code === 0xc8 || (code >= 0xd0 && code <= 0xd9) || (code >= 0xf0 && code <= 0xfd);

/**
 * The number of a JPEG's colour components: 1 grey, 3 RGB, 4 CMYK; undefined if there is no frame header, which the decoder
 * reports. Walks over all markers and refuses what Pillow refuses but libvips misses, because it stops at the last row: invalid
 * data before the image data and, in a picture with one scan, data after it that makes libjpeg fail. In pictures with several
 * scans, libvips finds these errors itself.
 *
 * Throws OOD_IMAGE_UNREADABLE. Source: Pillow 9.4, JpegImagePlugin.py, `_open`; libjpeg 6b, jdmarker.c.
 */
export function readJpegMarkers(bytes: Uint8Array): number | undefined {
  const markers = new Markers(viewBytes(bytes), 2);
  let frame: Frame | undefined;
  let interval = 0;
  try {
    for (;;) {
      const code = markers.next();
      if (steppedOver(code)) continue;
      const known =
        isFrame(code) || isApplication(code) || [dht, dac, sos, dqt, dnl, dri, 0xde, 0xdf, com].includes(code);
      if (!known) throw damaged(code, 'in its header');
      const content = markers.content();
      if (isFrame(code)) frame = readFrame(code, content);
      if (code === dqt) checkTables(content);
      if (code === dri && content.length === 2) interval = content.readUInt16BE(0);
      if (code !== sos) continue;
      if (frame && isOneScan(frame, content)) checkTrailer(markers, frame.ids, restartsOf(frame, interval));
      return frame?.components;
    }
  } catch (error) {
    if (error instanceof EndOfFile) return frame?.components;
    throw error;
  }
}

/** The size that a JPEG's first frame header announces, if it has one. */
function readSize(bytes: Uint8Array): Size | undefined {
  const markers = new Markers(viewBytes(bytes), 2);
  try {
    for (let code = markers.next(); code !== sos; code = markers.next()) {
      if (steppedOver(code)) continue;
      const content = markers.content();
      if (isFrame(code) && content.length >= 6)
        return { height: content.readUInt16BE(1), width: content.readUInt16BE(3) };
    }
  } catch (error) {
    if (!(error instanceof EndOfFile)) throw error;
  }
  return undefined;
}

/** A frame header (SOFn): the picture's size and how its components are sampled. */
interface Frame extends Size {
  readonly code: number;
  readonly components: number;
  /** The ids of the components. */
  readonly ids: readonly number[];
  /** The largest sampling factors. */
  readonly across: number;
  readonly down: number;
}

function readFrame(code: number, content: Buffer): Frame {
  const components = content[5] ?? 0;
  if (content[0] !== 8 || content.length !== 6 + 3 * components) throw damaged(code, 'is not a frame header of 8 bits');
  if (![1, 3, 4].includes(components))
    throw unreadable('foreign', `a JPEG of ${components} components is not supported`);
  const factors = Array.from({ length: components }, (_, i) => content[7 + 3 * i]!);
  return {
    code,
    height: content.readUInt16BE(1),
    width: content.readUInt16BE(3),
    components,
    ids: factors.map((_, i) => content[6 + 3 * i]!),
    across: Math.max(...factors.map((factor) => factor >> 4)),
    down: Math.max(...factors.map((factor) => factor & 15)),
  };
}

/** Checks quantisation tables like Pillow: each must be complete. */
function checkTables(content: Buffer): void {
  for (let at = 0; at < content.length;) {
    at += 1 + (content[at]! < 16 ? 64 : 128);
    if (at > content.length) throw damaged(dqt, 'has a truncated table');
  }
}

/** Whether the scan that starts here contains the whole picture of a sequential frame. */
const isOneScan = ({ code, components }: Frame, scan: Buffer) =>
  [0xc0, 0xc1, 0xc9].includes(code) && scan[0] === components;

/** How many restart markers such a scan has. A single component is not interleaved: its units are blocks. */
function restartsOf({ width, height, components, across, down }: Frame, interval: number): number {
  if (interval === 0) return 0;
  const [unitWidth, unitHeight] = components === 1 ? [8, 8] : [8 * across, 8 * down];
  return Math.ceil((Math.ceil(width / unitWidth) * Math.ceil(height / unitHeight)) / interval) - 1;
}

/**
 * Checks the data after the image data, up to the end of the picture: libjpeg reads all of it, although it has no effect. `ids`:
 * the component ids of the frame; `restarts`: the number of restart markers in its scan.
 */
function checkTrailer(markers: Markers, ids: readonly number[], restarts: number): void {
  for (let code = behindScan(markers, restarts); code !== eoi; code = markers.next()) {
    if (isRestart(code) || code === 0x01) continue;
    if (isApplication(code) || code === com || code === dnl) {
      markers.content();
      continue;
    }
    const check = code === sos ? secondScan(ids) : frames.includes(code) ? secondFrame : trailing[code];
    if (!check) throw damaged(code, 'after its image data');
    const segment = markers.segment();
    if (!check(segment, (at) => byteOf(segment, at))) throw damaged(code, 'after its image data is invalid');
    if (segment.rest.length < segment.length) throw new EndOfFile();
  }
}

/**
 * The first marker after the scan. If a restart marker is missing or wrong, the decoder skips to a later one, or stops there, and
 * the rest of the scan is lost.
 *
 * Source: libjpeg 6b, jdmarker.c, `jpeg_resync_to_restart`.
 */
function behindScan(markers: Markers, restarts: number): number {
  let code = markers.next();
  for (let restart = 0; restart < restarts; restart++) {
    for (;;) {
      const ahead = isRestart(code) ? (code - restart) & 7 : undefined;
      const skipped = code < 0xc0 || ahead === 6 || ahead === 7;
      if (!skipped) {
        const taken = ahead === 0 || (ahead !== undefined && ahead !== 1 && ahead !== 2);
        if (taken) code = markers.next();
        break;
      }
      code = markers.next();
    }
  }
  return code;
}

/** Whether libjpeg reads a segment without an error. Data beyond the end of the file causes none. */
type Check = (segment: Segment, byte: (at: number) => number) => boolean;

function byteOf({ rest }: Segment, at: number): number {
  const value = rest[at];
  if (value === undefined) throw new EndOfFile();
  return value;
}

/** The frame headers supported by libjpeg. */
const frames = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];

/** A second frame is an error as soon as its component count is read. */
const secondFrame: Check = (_, byte) => byte(5) < 0;

/** A second scan in a one-scan picture is also an error, at its end or before. */
const secondScan =
  (ids: readonly number[]): Check =>
  ({ length }, byte) => {
    const count = byte(0);
    if (length !== 2 * count + 4) return false;
    for (let i = 0; i < count; i++) {
      byte(2 + 2 * i);
      if (!ids.includes(byte(1 + 2 * i))) return false;
    }
    return byte(length - 1) < 0;
  };

const trailing: Readonly<Record<number, Check>> = {
  [dri]: ({ length }) => length === 2,
  [dqt]: ({ length }, byte) => {
    let at = 0;
    while (at < length) {
      const table = byte(at);
      if ((table & 15) > 3) return false;
      at += 1 + (table < 16 ? 64 : 128);
      byte(at - 1);
    }
    return at === length;
  },
  [dht]: ({ length }, byte) => {
    let at = 0;
    while (length - at > 16) {
      let codes = 0;
      for (let i = 1; i <= 16; i++) codes += byte(at + i);
      if (codes > 256 || codes > length - at - 17) return false;
      byte(at + 16 + codes);
      if ((byte(at) & ~0x10) > 3) return false;
      at += 17 + codes;
    }
    return at === length;
  },
  [dac]: ({ length }, byte) => {
    for (let at = 0; at < length; at += 2) {
      const [table, value] = [byte(at), byte(at + 1)];
      if (table >= 32 || (table < 16 && (value & 15) > value >> 4)) return false;
    }
    return length % 2 === 0;
  },
};

/** Reads markers and segments like libjpeg. */
class Markers {
  readonly file: Buffer;
  at: number;

  constructor(file: Buffer, at: number) {
    this.file = file;
    this.at = at;
  }

  /** The next marker: an FF not followed by 00 or another FF. Skips everything before it. */
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

  /** The segment that starts here. */
  segment(): Segment {
    if (this.at + 2 > this.file.length) throw new EndOfFile();
    const length = Math.max(2, this.file.readUInt16BE(this.at)) - 2;
    const rest = this.file.subarray(this.at + 2);
    this.at += 2 + length;
    return { rest, length };
  }

  /** The complete content of the segment that starts here. */
  content(): Buffer {
    const { rest, length } = this.segment();
    if (rest.length < length) throw new EndOfFile();
    return rest.subarray(0, length);
  }
}

/** A segment after its marker and length: the file from here on, and the declared length of the content. */
interface Segment {
  readonly rest: Buffer;
  readonly length: number;
}

/** The file ends within the data read. libjpeg would wait for more, which is not an error for a complete picture. */
class EndOfFile extends Error {}

const hex = (code: number) => `FF${code.toString(16).toUpperCase().padStart(2, '0')}`;
const damaged = (code: number, why: string) => unreadable('damaged', `the JPEG is damaged: marker ${hex(code)} ${why}`);
