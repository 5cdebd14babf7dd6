import type { GifFrame } from './first-frame.ts';
import { decodeLzw } from './lzw.ts';

/** First row and distance of the rows of each pass. Source: GIF89a, appendix E. */
const interlaced = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** The palette index of each pixel of the canvas. */
export function decodeFrame(bytes: Uint8Array, frame: GifFrame): Uint8Array {
  const { canvas, left, top, width, height } = frame;
  const pixels = decodeLzw(bytes, frame.dataAt, frame.codeBits, width * height);
  const indices = new Uint8Array(canvas.width * canvas.height).fill(frame.around);
  let from = 0;
  for (const [first, step] of frame.interlaced ? interlaced : [[0, 1] as const]) {
    for (let row = first; row < height; row += step) {
      indices.set(pixels.subarray(from, from + width), (top + row) * canvas.width + left);
      from += width;
    }
  }
  return indices;
}
