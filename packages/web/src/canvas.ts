/// <reference lib="dom" />
import { unreadable } from './image-file.ts';

/**
 * Reads the pixels of a canvas or a decoded image.
 *
 * @throws FaroutError OOD_IMAGE_UNREADABLE when the browser alters pixels read from a canvas, as some do against fingerprinting, when it
 * has no memory for the image, and when the canvas contains data that another server does not allow this page to read.
 */
export function pixelsOn(image: ImageBitmap | HTMLCanvasElement | OffscreenCanvas): ImageData {
  if (!(readsExactly ??= selfTest()))
    throw unreadable(
      'this browser alters the pixels that pages read, which would change the scores',
      'Allow this page to read canvases, or use another browser.',
    );
  const { width, height } = image;
  try {
    const context = contextOf(width, height);
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch (cause) {
    const what = `the pixels of an image of ${width} × ${height} cannot be read: ${(cause as Error).message}`;
    throw unreadable(what, 'Use a smaller one, or one that this page is allowed to read.', cause);
  }
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { colorSpace: 'srgb', willReadFrequently: true });
  if (context) return context;
  throw new Error('the browser cannot create a canvas for it');
}

let readsExactly: boolean | undefined;

/** Whether pixels written to a canvas are read back unchanged. */
function selfTest(): boolean {
  const side = 32;
  const written = new ImageData(side, side);
  for (let at = 0; at < written.data.length; at++) written.data[at] = at % 4 === 3 ? 255 : (at * 2_654_435_761) >>> 24;
  const context = contextOf(side, side);
  context.putImageData(written, 0, 0);
  const read = context.getImageData(0, 0, side, side).data;
  return read.every((value, at) => value === written.data[at]);
}

let exactly: Promise<boolean> | undefined;

/** Whether this browser decodes JPEG to the same pixels as libjpeg, which runs use: tested with a 24 × 24 picture. */
export const decodesExactly = (): Promise<boolean> => (exactly ??= decodeSample());

async function decodeSample(): Promise<boolean> {
  const bytes = Uint8Array.from(atob(sample.jpeg), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' })).catch(() => undefined);
  if (!bitmap) return false;
  const { data } = pixelsOn(bitmap);
  bitmap.close();
  return data.filter((_, at) => at % 4 !== 3).reduce(digest, 0) === sample.digest;
}

/** One step of a digest over red, green and blue of all pixels: 31 times the previous sum plus the next value, modulo 2³². */
const digest = (sum: number, value: number): number => (Math.imul(sum, 31) + value) >>> 0;

/** Coloured noise with 4:2:0 chroma subsampling, as written by cameras, and the digest of its pixels as decoded by libjpeg. */
export const sample = {
  jpeg:
    '/9j/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT0' +
    '9PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAYABgDASIAAhEBAxEB/8QAGQABAAMBAQAAAAAAAAAAAAAAAAMEBQIG/8QAL' +
    'hAAAQMDAQUFCQAAAAAAAAAAAQACEQMSIQQFMTJBUQYTFCJhFSRDYoGRoeHw/8QAFwEBAQEBAAAAAAAAAAAAAAAABAUBAv/EACcRAAIBAwIDCQAAAAAAAAAAAAECAwAE' +
    'ERIxUYGxBRMhIkFhodHw/9oADAMBAAIRAxEAPwC29p2OfKTX74xg2228+fVQbY1Ye6jbTAGTF2Du/vqs52n9ncLi8v8AliI+/X8KXXh7ywcjjIRZI0lbWzYI9t80iF5' +
    'I5FmdsDhjlv8ANWavZrxIb79baT8Kd8eqLrZJDxVkW8POcZ/aJS3koGE25fVbPA0jlpD4/uFKAL7xJlpkjrlefqMDRxTPoiKhB5VYj0xRZT3t1Mr7DT0rR11R0M8pbv' +
    'gZxuREXfZlrFLaq7jJOepqhISGOK//2Q==',
  digest: 3_889_064_955,
};
