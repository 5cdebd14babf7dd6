import { decodeCmyk } from '../decode-cmyk.ts';
import { decodeRgb } from '../decode-rgb.ts';
import { readJpegMarkers } from '../jpeg-markers.ts';
import { unreadable } from '../unreadable.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0');

/**
 * JPEG with one component (grey), three, or four (CMYK and YCCK, inverted as Adobe writes them): every sampling,
 * sequential, progressive, arithmetic. EXIF's orientation is ignored.
 */
export const jpeg: ImageKind = {
  name: 'JPEG',
  matches: (bytes) => startsWith(bytes, '\xff\xd8\xff'),
  decode: async (bytes) => {
    const { components, stray } = readJpegMarkers(bytes);
    if (components === 2) throw unreadable('foreign', 'a JPEG of two components is not read');
    if (stray !== undefined) {
      throw unreadable('damaged', `the JPEG is damaged: marker FF${hex(stray)} inside its image data`);
    }
    return components === 4 ? decodeCmyk({ kind: 'JPEG', bytes }) : decodeRgb({ kind: 'JPEG', bytes });
  },
};
