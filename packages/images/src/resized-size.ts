/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of an image whose shorter side becomes `resize`; the longer becomes ⌊resize · long / short⌋.
 *
 * Source: torchvision 0.14, `transforms.Resize` with one number.
 */
export function resizedSize({ width, height }: Size, resize: number): Size {
  const long = (a: number, b: number) => Math.floor((resize * a) / b);
  return width <= height
    ? { width: resize, height: long(height, width) }
    : { width: long(width, height), height: resize };
}
