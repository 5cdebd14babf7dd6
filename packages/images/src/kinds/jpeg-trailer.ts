import {
  com,
  dac,
  damaged,
  dht,
  dnl,
  dqt,
  dri,
  EndOfFile,
  eoi,
  isApplication,
  isRestart,
  type Markers,
  type Segment,
  sos,
} from './jpeg-markers.ts';

/**
 * What follows the image data, up to the end of the picture: libjpeg reads it all, though nothing comes of it. `ids` are what
 * the frame calls its components, `restarts` the restart markers of its scan.
 */
export function checkTrailer(markers: Markers, ids: readonly number[], restarts: number): void {
  for (let code = behindScan(markers, restarts); code !== eoi; code = markers.next()) {
    if (isRestart(code) || code === 0x01) continue;
    if (isApplication(code) || code === com || code === dnl) {
      markers.content();
      continue;
    }
    const check = code === sos ? secondScan(ids) : frames.includes(code) ? secondFrame : trailing[code];
    if (!check) throw damaged(code, 'behind its image data');
    const segment = markers.segment();
    if (!check(segment, (at) => byteOf(segment, at))) throw damaged(code, 'behind its image data has no sense');
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
