import type { Colour } from './colour.ts';

/** Height and width of every image, in pixels. */
export const side = 64;

/** An image while it is painted: (side, side, 3), 0 black, 1 white, not yet clipped. */
export type Frame = Float64Array;

/** A place on the image, x to the right and y down, both −1..1 from edge to edge. */
export type Painter = (x: number, y: number) => Colour;

/** The coordinate of the centre of a column or a row. */
export const centreOf = (index: number): number => (2 * index + 1) / side - 1;

/** The column of a value of a frame. */
export const columnOf = (index: number): number => Math.floor(index / 3) % side;

/** The row of a value of a frame. */
export const rowOf = (index: number): number => Math.floor(index / (3 * side));

/** A frame with every pixel painted. */
export function paint(painter: Painter): Frame {
  const frame = new Float64Array(side * side * 3);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      frame.set(painter(centreOf(column), centreOf(row)), (row * side + column) * 3);
    }
  }
  return frame;
}

/** The frame as bytes, 0..255, rounded. */
export function quantise(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(frame.length);
  for (let i = 0; i < frame.length; i++) bytes[i] = Math.min(Math.max(frame[i]!, 0), 1) * 255 + 0.5;
  return bytes;
}
