import { readBmpHeader } from './bmp-header.ts';
import { decodeRuns } from '../bmp/decode-runs.ts';
import { unpackColours } from '../bmp/unpack-colours.ts';
import { unpackIndices } from '../bmp/unpack-indices.ts';
import { flipRows } from '../bmp/flip-rows.ts';
import { lookUp } from '../palette.ts';
import { refuseShort } from '../refuse-short.ts';
import { refuseTooLarge } from '../refuse-too-large.ts';
import { viewBytes } from '../view-bytes.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

/**
 * BMP of 1, 4, 8, 16, 24 and 32 bits, from either edge, with bit fields or run lengths. Alpha is dropped, not blended.
 *
 * sharp reads no BMP, and the registry's readers (bmp-js, bmp-ts, fast-bmp) spread 5 bits over 0 … 255 otherwise than
 * Pillow and take some of its kinds for others.
 */
export const bmp: ImageKind = {
  name: 'BMP',
  matches: (bytes) => startsWith(bytes, 'BM'),
  sizeOf: (bytes) => readBmpHeader(viewBytes(bytes)),
  decode: (bytes) => {
    const file = viewBytes(bytes);
    const header = refuseShort('BMP', () => readBmpHeader(file));
    refuseTooLarge('BMP', header);
    const rows = refuseShort('BMP', () => {
      if (header.layout) return unpackColours(file, header, header.layout);
      const indices = header.runs ? decodeRuns(file, header, header.runs) : unpackIndices(file, header);
      return lookUp(header, indices, header.palette);
    });
    return header.fromTop ? rows : flipRows(rows);
  },
};
