import { startsWith, type ImageKind } from '../image-kind.ts';
import type { Size } from '../pixels.ts';
import { unreadable, viewBytes } from '../refusals.ts';
import { decodeCmyk, decodeRgb } from '../sharp-decoder.ts';
import {
  com,
  dac,
  damaged,
  dht,
  dnl,
  dqt,
  dri,
  EndOfFile,
  isApplication,
  isFrame,
  Markers,
  sos,
  steppedOver,
} from './jpeg-markers.ts';
import { checkTrailer } from './jpeg-trailer.ts';

/**
 * JPEG with one component (grey), three, or four (CMYK and YCCK, inverted as Adobe writes them): every sampling,
 * sequential, progressive, arithmetic. EXIF's orientation is ignored.
 */
export const jpeg: ImageKind = {
  name: 'JPEG',
  matches: (bytes) => startsWith(bytes, '\xff\xd8\xff'),
  sizeOf: readJpegSize,
  decode: async (bytes) => {
    const components = readJpegMarkers(bytes);
    return components === 4 ? decodeCmyk({ kind: 'JPEG', bytes }) : decodeRgb({ kind: 'JPEG', bytes });
  },
};

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
export function readJpegSize(bytes: Uint8Array): Size | undefined {
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
  if (content[0] !== 8 || content.length !== 6 + 3 * components) throw damaged(code, 'is no frame header of 8 bits');
  if (![1, 3, 4].includes(components)) throw unreadable('foreign', `a JPEG of ${components} components is not read`);
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
    if (at > content.length) throw damaged(dqt, 'holds a table that is cut off');
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
