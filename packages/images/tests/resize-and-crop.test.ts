import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Pixels } from '../src/pixels.ts';
import { passes } from '../src/resample.ts';
import { resizeAndCrop, type PixelRecipe } from '../src/resize-and-crop.ts';
import { noise } from './noise.ts';
import { resizeInTypedArrays } from './resize-in-typed-arrays.ts';

// Mentioning a global is slow in jest's contexts.
const { abs, ceil, floor, max, min, round, trunc } = Math;

const triangle = (v: number) => max(0, 1 - v);
/** Keys' cubic convolution, a = −½, as his paper has it (1981, equation 15). */
const keys = (v: number) => {
  if (v < 1) return 1.5 * v ** 3 - 2.5 * v ** 2 + 1;
  return v < 2 ? -0.5 * v ** 3 + 2.5 * v ** 2 - 4 * v + 2 : 0;
};

/** One output value for each position of a resized line, by plain loops in float64 over the whole line. */
function resizeLine(line: readonly number[], size: number, interpolation: PixelRecipe['interpolation']): number[] {
  const scale = line.length / size;
  const [reach, weightAt] = interpolation === 'bicubic' ? [2, keys] : [1, triangle];
  const support = reach * max(scale, 1);
  return Array.from({ length: size }, (_, i) => {
    const center = (i + 0.5) * scale;
    const from = max(0, trunc(center - support + 0.5));
    const to = min(line.length, trunc(center + support + 0.5));
    const weights: number[] = [];
    for (let x = from; x < to; x++) weights.push(weightAt(abs((x - center + 0.5) / max(scale, 1))));
    const sum = weights.reduce((a, b) => a + b, 0);
    let value = 2 ** 21;
    const rounded = (weight: number) => Math.sign(weight) * floor(0.5 + abs(weight / sum) * 2 ** 22);
    weights.forEach((weight, t) => (value += line[from + t]! * rounded(weight)));
    return max(0, min(255, floor(value / 2 ** 22)));
  });
}

const transpose = (rows: readonly (readonly number[])[]): number[][] =>
  rows[0]!.map((_, x) => rows.map((row) => row[x]!));

function centre(line: readonly number[], crop: number): number[] {
  const missing = crop - line.length;
  if (missing > 0) return [...zeros(floor(missing / 2)), ...line, ...zeros(ceil(missing / 2))];
  const middle = -missing / 2;
  const first = middle % 1 === 0 ? middle : 2 * round(middle / 2); // half to even
  return line.slice(first, first + crop);
}
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

/** The whole frame is resized, columns before rows, one colour at a time, then padded and cut. */
function reference({ width, height, data }: Pixels, { resize, crop, interpolation, sides }: PixelRecipe): Uint8Array {
  const short = min(width, height);
  const newWidth = width === short || sides === 'both' ? resize : floor((resize * width) / short);
  const newHeight = height === short || sides === 'both' ? resize : floor((resize * height) / short);
  const square = new Uint8Array(crop * crop * 3);
  for (let colour = 0; colour < 3; colour++) {
    const plane = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => data[(y * width + x) * 3 + colour]!),
    );
    const columns = transpose(plane.map((row) => centre(resizeLine(row, newWidth, interpolation), crop)));
    columns
      .map((column) => centre(resizeLine(column, newHeight, interpolation), crop))
      .forEach((column, x) => column.forEach((value, y) => (square[(y * crop + x) * 3 + colour] = value)));
  }
  return square;
}

const modes = {
  interpolation: fc.constantFrom('bilinear', 'bicubic'),
  sides: fc.constantFrom('shorter', 'both'),
} as const;

const differing = (a: Uint8Array, b: Uint8Array) => a.length - a.filter((value, i) => value === b[i]).length;

describe('resizeAndCrop', () => {
  it.each([
    { title: 'a landscape photograph', width: 500, height: 375, resize: 256, crop: 224 },
    { title: 'a portrait whose crop starts at half a pixel', width: 101, height: 150, resize: 65, crop: 32 },
    { title: 'an image that is enlarged', width: 17, height: 9, resize: 256, crop: 224 },
    { title: 'an image of the final size', width: 32, height: 32, resize: 32, crop: 32 },
    { title: 'a single pixel', width: 1, height: 1, resize: 5, crop: 4 },
    { title: 'an image shrunk to one pixel', width: 300, height: 200, resize: 1, crop: 1 },
    {
      title: 'an image smaller than the crop by an odd number, padded with zeros',
      width: 40,
      height: 60,
      resize: 11,
      crop: 20,
    },
    { title: 'an image narrower than the crop and longer than it', width: 10, height: 90, resize: 9, crop: 20 },
  ])('equals plain loops over the whole frame: $title', ({ width, height, resize, crop }) => {
    const pixels = noise(width, height, 1);
    expect(differing(resizeAndCrop(pixels, { resize, crop }), reference(pixels, { resize, crop }))).toBe(0);
  });

  it('equals plain loops over the whole frame for any size and in every mode', () => {
    const side = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.record({ resize: side, crop: side, ...modes }),
        fc.nat(),
        (width, height, recipe, seed) => {
          fc.pre(recipe.resize * max(width, height) <= 500 * min(width, height));
          const pixels = noise(width, height, seed);
          expect(differing(resizeAndCrop(pixels, recipe), reference(pixels, recipe))).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('equals typed arrays on large images, of any width and in every mode', () => {
    const [long, short] = [fc.integer({ min: 200, max: 900 }), fc.integer({ min: 200, max: 500 })];
    const recipes = fc.record({ resize: fc.constant(256), crop: fc.integer({ min: 1, max: 300 }), ...modes });
    fc.assert(
      fc.property(long, short, fc.boolean(), recipes, (a, b, upright, recipe) => {
        const pixels = upright ? noise(b, a, recipe.crop) : noise(a, b, recipe.crop);
        expect(differing(resizeAndCrop(pixels, recipe), resizeInTypedArrays(pixels, recipe))).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps little memory of its own, whatever the image', () => {
    for (const [width, height] of [
      [6000, 4000],
      [2_000_000, 1],
      [1, 2_000_000],
      [20_000, 300],
    ] as const) {
      const data = new Uint8Array(width * height * 3);
      resizeAndCrop({ width, height, data }, { resize: 256, crop: 224 });
    }
    expect(passes.memory.buffer.byteLength).toBeLessThan(4e6);
  });

  it.each([
    { title: 'light at its brightest stays at 255', value: 255 },
    { title: 'black stays black', value: 0 },
  ])('keeps an even image as it is: $title', ({ value }) => {
    const data = new Uint8Array(1234 * 821 * 3).fill(value);
    for (const interpolation of ['bilinear', 'bicubic'] as const) {
      const square = resizeAndCrop({ width: 1234, height: 821, data }, { resize: 256, crop: 224, interpolation });
      expect(square.every((each) => each === value)).toBe(true);
    }
  });

  it('computes only the crop of a long thin image, whose full size would take 400 GB', () => {
    const height = 2_000_001;
    const middle = (height - 1) / 2;
    const data = new Uint8Array(height * 3).fill(255, middle * 3, middle * 3 + 3);
    const square = resizeAndCrop({ width: 1, height, data }, { resize: 256, crop: 224 });
    // The white middle pixel becomes 256 rows; the crop's 224 lie at a distance d ≤ 111.5 / 256 pixels from its centre.
    const expected = Array.from({ length: 224 }, (_, y) => floor(255 * (1 - abs(y - 111.5) / 256) + 0.5));
    expect(Array.from({ length: 224 }, (_, y) => square[(y * 224 + 100) * 3])).toEqual(expected);
    expect(resizeAndCrop({ width: height, height: 1, data }, { resize: 256, crop: 224 })[(50 * 224 + 7) * 3]).toBe(
      expected[7],
    );
  });

  it('stops at black and white where a cubic overshoots an edge', () => {
    const row = Array.from({ length: 16 }, (_, x) => (x < 8 ? 0 : 255));
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => row[floor(at / 3) % 16]!);
    const edge = (interpolation: 'bilinear' | 'bicubic') =>
      resizeAndCrop({ width: 16, height: 16, data }, { resize: 64, crop: 64, interpolation }).filter(
        (_, at) => at < 192 && at % 3 === 0,
      );
    expect([edge('bicubic')[20], edge('bicubic')[43]]).toEqual([0, 255]);
    // Steeper than the straight line, whose slope is 255 / 4.
    expect(edge('bicubic')[32]! - edge('bicubic')[31]!).toBeGreaterThan(edge('bilinear')[32]! - edge('bilinear')[31]!);
  });

  it('leaves the image untouched', () => {
    const pixels = noise(30, 20, 3);
    resizeAndCrop(pixels, { resize: 16, crop: 8 });
    expect(pixels.data).toEqual(noise(30, 20, 3).data);
  });
});
