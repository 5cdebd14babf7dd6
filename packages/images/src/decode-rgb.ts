import { decodeWithSharp, type SharpInput } from './sharp-decoder.ts';
import type { Pixels } from './pixels.ts';

/** The usual recipe: whatever the file's colours are, sharp turns them into 8-bit RGB as Pillow does. */
export async function decodeRgb(input: SharpInput): Promise<Pixels> {
  const { data, info } = await decodeWithSharp(input, (image) => image.toColourspace('srgb').raw());
  return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
