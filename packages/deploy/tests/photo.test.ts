import { describe, expect, it } from '@jest/globals';
import { resizeAndCrop, type PixelRecipe } from '@farout/images';
import { writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import { photoInput, pixelsOfPhoto } from '../src/photo.ts';

/** Pixels of stripes and noise, by a generator of their own. */
function picture(width: number, height: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return ((at >> 4) % 7) * 30 + ((state >> 16) % 60);
  });
}

/** Sizes whose sides are odd and even, one of them tiny, one a line of pixels, and one that keeps its size. */
const sizes = [
  [301, 200],
  [200, 301],
  [97, 98],
  [5, 9],
  [1, 40],
  [40, 48],
] as const;

describe('photographs that the graph resizes and crops', () => {
  it.each<PixelRecipe>([
    { resize: 40, crop: 32 },
    { resize: 40, crop: 40 },
    { resize: 41, crop: 32 },
    { resize: 40, crop: 35, interpolation: 'bicubic' },
    { resize: 36, crop: 32, sides: 'both' },
    { resize: 33, crop: 40 },
    { resize: 32, crop: 41, sides: 'both' },
  ])('differ from those that Pillow resizes by 1 at most, in few pixels: %j', async (recipe) => {
    const bytes = writeOnnx({ pixels: pixelsOfPhoto('N', recipe) }, { portable: true });
    const session = await openSession(bytes, { threads: 1 });
    for (const [width, height] of sizes) {
      const data = picture(width, height);
      const expected = resizeAndCrop({ width, height, data }, recipe);
      const { pixels } = await session.run({ [photoInput]: { data, shape: [1, height, width, 3] } });
      expect(pixels!.shape).toEqual([1, recipe.crop, recipe.crop, 3]);
      const differences = [...(pixels!.data as Uint8Array)].map((value, at) => Math.abs(value - expected[at]!));
      expect(Math.max(...differences)).toBeLessThanOrEqual(1);
      expect(differences.filter((each) => each > 0).length).toBeLessThanOrEqual(0.02 * differences.length);
    }
    await session.release();
  });
});
