import { decodeFrame } from '../gif/decode-frame.ts';
import { readFirstFrame } from '../gif/first-frame.ts';
import { lookUp } from '../palette.ts';
import { refuseShort } from '../refuse-short.ts';
import { refuseTooLarge } from '../refuse-too-large.ts';
import type { ImageKind } from './image-kind.ts';
import { startsWith } from './starts-with.ts';

/**
 * GIF: the first frame on its canvas, which is filled with the frame's transparent colour, or with its first one.
 * Transparency is ignored.
 *
 * Read here and not by sharp, which blends transparency away and takes a frame without its last pixels for whole; what
 * the registry has (omggif, gifuct-js) does not say either whether a frame is complete.
 */
export const gif: ImageKind = {
  name: 'GIF',
  matches: (bytes) => startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a'),
  sizeOf: (bytes) => readFirstFrame(bytes).canvas,
  decode: (bytes) => {
    const frame = refuseShort('GIF', () => readFirstFrame(bytes));
    refuseTooLarge('GIF', frame.canvas);
    refuseTooLarge('GIF', frame);
    return lookUp(frame.canvas, decodeFrame(bytes, frame), frame.palette);
  },
};
