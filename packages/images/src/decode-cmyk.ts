import { decodeWithSharp, type SharpInput } from './sharp-decoder.ts';
import type { Pixels } from './pixels.ts';

/**
 * The recipe for cyan, magenta, yellow and black: each colour is (255 − black) less its share of the ink, no profile.
 *
 * Source: Pillow 9.4, Convert.c, `cmyk2rgb`; a · b / 255 is rounded as its `MULDIV255` does.
 */
export async function decodeCmyk(input: SharpInput): Promise<Pixels> {
  const { data: inks, info } = await decodeWithSharp(input, (image) =>
    image.pipelineColourspace('cmyk').toColourspace('cmyk').raw(),
  );
  const data = new Uint8Array(info.width * info.height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) inksToRgb(inks, from, data, to);
  return { width: info.width, height: info.height, data };
}

/** One pixel of inks as RGB. */
export function inksToRgb(inks: Uint8Array, from: number, rgb: Uint8Array, to: number): void {
  const light = 255 - inks[from + 3]!;
  for (let ink = 0; ink < 3; ink++) {
    const product = inks[from + ink]! * light + 128;
    rgb[to + ink] = Math.max(0, light - (((product >> 8) + product) >> 8));
  }
}
