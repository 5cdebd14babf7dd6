import type { RawPixels } from '@farout/core';

/** The memory layout of the pixels of an image. */
export interface PixelLayout {
  readonly height: number;
  readonly width: number;
  /** The distance from a pixel to the one below it, to its right neighbour, and from red to green (and green to blue). */
  readonly steps: readonly [below: number, right: number, colour: number];
}

/** Planes of red, green and blue, each row by row: CIFAR's. */
export const planes = (height: number, width: number): PixelLayout => ({
  height,
  width,
  steps: [width, 1, height * width],
});

/** Planes of red, green and blue, each column by column: MATLAB's. */
export const columns = (height: number, width: number): PixelLayout => ({
  height,
  width,
  steps: [1, height, height * width],
});

/** One plane, row by row, used for all three colours. */
export const grey = (height: number, width: number): PixelLayout => ({ height, width, steps: [width, 1, 0] });

/** Converts to the layout of farout: red, green and blue of each pixel, row by row. */
export function pixelsOf(bytes: Uint8Array, { height, width, steps: [below, right, colour] }: PixelLayout): RawPixels {
  const data = new Uint8Array(height * width * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * below + x * right;
      for (let c = 0; c < 3; c++) data[to++] = bytes[from + c * colour]!;
    }
  }
  return { data, shape: [height, width, 3] };
}
