import type { NDArray } from '@farout/core';
import type { Description } from './description.ts';

/** An image, uint8 (size, size, 3), as the inputs of the file's graph. */
export function feedsOf(
  pixels: Uint8Array,
  { input: { kind, name, size }, preprocessing }: Pick<Description, 'input' | 'preprocessing'>,
): Readonly<Record<string, NDArray>> {
  const fed =
    kind === 'pixels'
      ? { data: pixels, shape: [1, size, size, 3] }
      : { data: normalised(pixels, preprocessing), shape: [1, 3, size, size] };
  return { [name]: fed };
}

/** Pixels as a network expects them: (pixel / 255 − mean) / std, float32 (3, H, W). */
function normalised(
  pixels: Uint8Array,
  { mean, std }: Pick<Description['preprocessing'], 'mean' | 'std'>,
): Float32Array {
  const count = pixels.length / 3;
  const planes = new Float32Array(pixels.length);
  for (let channel = 0; channel < 3; channel++) {
    const [shift, scale] = [Math.fround(mean[channel]!), Math.fround(std[channel]!)];
    for (let at = 0; at < count; at++) {
      const scaled = Math.fround(pixels[3 * at + channel]! / 255);
      planes[channel * count + at] = Math.fround(scaled - shift) / scale;
    }
  }
  return planes;
}
