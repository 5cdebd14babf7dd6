import { decodeCmyk } from '../decode-cmyk.ts';
import { decodeRgb } from '../decode-rgb.ts';
import { readJpegMarkers, readJpegSize } from './jpeg-markers.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

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
