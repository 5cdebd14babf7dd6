import { decodeRgb } from '../decode-rgb.ts';
import { readJpegMarkers, type JpegMarkers } from '../jpeg-markers.ts';
import { unreadable } from '../unreadable.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

const foreign: Readonly<Record<number, string>> = { 2: 'a JPEG of two components', 4: 'a CMYK JPEG' };
const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0');

/** Refuses what libvips would decode, but not to what Pillow gives. */
function refuse({ components = 0, stray }: JpegMarkers): void {
  const kind = foreign[components];
  if (kind) throw unreadable('foreign', `${kind} is not read, only RGB and grey ones are`);
  if (stray === undefined) return;
  throw unreadable('damaged', `the JPEG is damaged: marker FF${hex(stray)} inside its image data`);
}

/** JPEG with one component (grey) or three: every sampling, sequential, progressive, arithmetic. EXIF's orientation is ignored. */
export const jpeg: ImageKind = {
  name: 'JPEG',
  matches: (bytes) => startsWith(bytes, '\xff\xd8\xff'),
  decode: async (bytes) => {
    refuse(readJpegMarkers(bytes));
    return decodeRgb(bytes, 'JPEG');
  },
};
