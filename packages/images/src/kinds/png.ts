import { decodeGrey16 } from '../decode-grey16.ts';
import { decodeRgb } from '../decode-rgb.ts';
import { readPngChunks } from '../png/chunks.ts';
import { mendPng } from '../png/mend.ts';
import { viewBytes } from '../view-bytes.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

/** Where IHDR, which comes first, holds the size, the bits of a sample and the colour type. */
const widthAt = 16;
const heightAt = 20;
const bitDepthAt = 24;
const colourTypeAt = 25;
const grey = 0;

/** PNG of every bit depth and colour type. Alpha is dropped, not blended; 16-bit grey is clipped to 255, as Pillow does. */
export const png: ImageKind = {
  name: 'PNG',
  matches: (bytes) => startsWith(bytes, '\x89PNG\r\n\x1a\n'),
  sizeOf: (bytes) => ({
    width: viewBytes(bytes).readUInt32BE(widthAt),
    height: viewBytes(bytes).readUInt32BE(heightAt),
  }),
  decode: async (file) => {
    const chunks = readPngChunks(file);
    const bytes = chunks.whole ? file : await mendPng(chunks);
    const isGrey16 = bytes[bitDepthAt] === 16 && bytes[colourTypeAt] === grey;
    return isGrey16 ? decodeGrey16({ kind: 'PNG', bytes }) : decodeRgb({ kind: 'PNG', bytes });
  },
};
