/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Default limit for pixels, as in Pillow, which refuses more than twice `Image.MAX_IMAGE_PIXELS`. */
export const maxPixels = 178_956_970;

/** A decoded image. */
export interface Pixels extends Size {
  /** Red, green, blue of each pixel, row by row from the top: width · height · 3 values. */
  readonly data: Uint8Array;
}

/**
 * 256 colours, three bytes each: those of a file; missing colours become the grey of their index.
 *
 * Source: Pillow 9.4, Palette.c, `ImagingPaletteNew`.
 */
export function fullPalette(colours: Uint8Array): Uint8Array {
  const palette = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
  palette.set(colours);
  return palette;
}

/** Replaces palette indices, one per pixel, by colours. */
export function lookUp({ width, height }: Size, indices: Uint8Array, palette: Uint8Array): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, to = 0; to < data.length; i++) {
    const from = indices[i]! * 3;
    data[to++] = palette[from]!;
    data[to++] = palette[from + 1]!;
    data[to++] = palette[from + 2]!;
  }
  return { width, height, data };
}
