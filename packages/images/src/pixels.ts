/** A decoded image. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue of each pixel, row by row from the top: width · height · 3 values. */
  readonly data: Uint8Array;
}
