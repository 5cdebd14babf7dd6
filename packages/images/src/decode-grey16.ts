import { decodeWithSharp, type SharpInput } from './sharp-decoder.ts';
import type { Pixels } from './pixels.ts';

/** The recipe for 16-bit grey: Pillow clips to 255 rather than scaling, so that most images turn white; so do we. */
export async function decodeGrey16(input: SharpInput): Promise<Pixels> {
  const { data, info } = await decodeWithSharp(input, (image) =>
    image.toColourspace('grey16').raw({ depth: 'ushort' }),
  );
  const grey = new Uint16Array(data.buffer, data.byteOffset, info.width * info.height);
  const rgb = new Uint8Array(grey.length * 3);
  grey.forEach((value, i) => rgb.fill(Math.min(value, 255), i * 3, i * 3 + 3));
  return { width: info.width, height: info.height, data: rgb };
}
