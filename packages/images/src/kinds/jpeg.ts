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
/** What Pillow steps over as if it were a segment, or as if it stood alone: JPG, RSTn, SOI, EOI, JPGn. */
const steppedOver = (code: number) => code === 0xc8 || (code >= 0xd0 && code <= 0xd9) || (code >= 0xf0 && code <= 0xfd);

/**
 * The number of a JPEG's colour components: 1 grey, 3 RGB, 4 CMYK; undefined where there is no frame header, which the
 * decoder reports. Walks over all markers and refuses what Pillow refuses and libvips, which stops at the last row, does not
 * see: what stands before the image data and has no sense, and, in a picture of one scan, what stands behind it and ends
 * libjpeg with an error. In pictures of several scans libvips meets them itself.
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
  /** What the components are called. */
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

/** Quantisation tables, as Pillow reads them: each must be whole. */
function checkTables(content: Buffer): void {
  for (let at = 0; at < content.length;) {
    at += 1 + (content[at]! < 16 ? 64 : 128);
    if (at > content.length) throw damaged(dqt, 'has a truncated table');
  }
}

/** Whether the scan that begins here holds the whole picture, of a frame that is coded sequentially. */
const isOneScan = ({ code, components }: Frame, scan: Buffer) =>
  [0xc0, 0xc1, 0xc9].includes(code) && scan[0] === components;

/** How many restart markers such a scan has. One component alone is not interleaved: its blocks are its units. */
function restartsOf({ width, height, components, across, down }: Frame, interval: number): number {
  if (interval === 0) return 0;
  const [unitWidth, unitHeight] = components === 1 ? [8, 8] : [8 * across, 8 * down];
  return Math.ceil((Math.ceil(width / unitWidth) * Math.ceil(height / unitHeight)) / interval) - 1;
}

/**
 * What follows the image data, up to the end of the picture: libjpeg reads it all, though nothing comes of it. `ids` are what
 * the frame calls its components, `restarts` the restart markers of its scan.
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
 * The first marker behind the scan. Where a restart marker is missing or another stands in its place, the decoder skips to
 * a later one, or leaves what it found: then all that is left of the scan is lost.
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

/** Whether libjpeg reads a segment without an error. What it does not reach, as the file ends before, is none. */
type Check = (segment: Segment, byte: (at: number) => number) => boolean;

function byteOf({ rest }: Segment, at: number): number {
  const value = rest[at];
  if (value === undefined) throw new EndOfFile();
  return value;
}

/** The frame headers of what libjpeg decodes. */
const frames = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];

/** A second frame is an error as soon as its components are counted. */
const secondFrame: Check = (_, byte) => byte(5) < 0;

/** A second scan of one-scan pictures is an error, too, at its end or before. */
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

/** Reads markers and segments as libjpeg does. */
class Markers {
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
interface Segment {
  readonly rest: Buffer;
  readonly length: number;
}

/** The file ends within what is read; libjpeg then waits for more, which for a whole picture is no error. */
class EndOfFile extends Error {}

const hex = (code: number) => `FF${code.toString(16).toUpperCase().padStart(2, '0')}`;
const damaged = (code: number, why: string) => unreadable('damaged', `the JPEG is damaged: marker ${hex(code)} ${why}`);
