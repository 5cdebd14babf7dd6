/** What the markers of a JPEG say before it is decoded. */
export interface JpegMarkers {
  /** Colour components by the frame header: 1 grey, 3 RGB, 4 CMYK; absent when there is no such header. */
  readonly components: number | undefined;
  /** A marker after the first scan that cannot stand there: Pillow refuses such a file, where libvips goes on. */
  readonly stray: number | undefined;
}

const endOfImage = 0xd9;
const startOfScan = 0xda;
/** DHT, DAC, SOS, DQT, DNL, DRI, COM: what may come between scans, besides APPn. */
const betweenScans = new Set([0xc4, 0xcc, startOfScan, 0xdb, 0xdc, 0xdd, 0xfe]);
/** 00 (a stuffed FF), TEM and RSTn stand alone, without a length. */
const standsAlone = (code: number) => code <= 0x01 || (code >= 0xd0 && code <= 0xd7);
const isApplicationData = (code: number) => (code & 0xf0) === 0xe0;
const isFrameHeader = (code: number) => (code & 0xf0) === 0xc0 && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;

/** Steps over the segments and the entropy-coded data of a JPEG; reads nothing of what they hold but the frame header. */
export function readJpegMarkers(bytes: Uint8Array): JpegMarkers {
  let components: number | undefined;
  let scanning = false;
  let at = 2;
  while ((at = bytes.indexOf(0xff, at)) !== -1 && at + 1 < bytes.length) {
    const code = bytes[at + 1]!;
    if (code === 0xff)
      at += 1; // FF may be repeated before a marker
    else if (standsAlone(code)) at += 2;
    else if (code === endOfImage) break;
    else {
      if (scanning && !betweenScans.has(code) && !isApplicationData(code)) return { components, stray: code };
      if (isFrameHeader(code)) components = bytes[at + 9];
      scanning ||= code === startOfScan;
      at += 2 + (bytes[at + 2]! << 8) + bytes[at + 3]!;
    }
  }
  return { components, stray: undefined };
}
