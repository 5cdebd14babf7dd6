import { cosine, sine, type Random } from './numbers.ts';
import type { Colour } from './surface.ts';

/** Height and width of every image, in pixels. */
export const side = 64;

/** An image while it is painted: (side, side, 3), 0 black, 1 white, not yet clipped. */
export type Frame = Float64Array;

/** A place on the image, x to the right and y down, both −1..1 from edge to edge. */
type Painter = (x: number, y: number) => Colour;

/** The coordinate of the centre of a column or a row. */
export const centreOf = (index: number): number => (2 * index + 1) / side - 1;

/** The column of a value of a frame. */
export const columnOf = (index: number): number => Math.floor(index / 3) % side;

/** The row of a value of a frame. */
export const rowOf = (index: number): number => Math.floor(index / (3 * side));

/** A frame with every pixel painted. */
export function paint(painter: Painter): Frame {
  const frame = new Float64Array(side * side * 3);
  forEachPixel((column, row, offset) => {
    const colour = painter(centreOf(column), centreOf(row));
    for (let channel = 0; channel < 3; channel++) frame[offset + channel] = colour[channel]!;
  });
  return frame;
}

/** Visits all pixels with the index of their first value in a frame; a loop over values would have to compute the column and row of each. */
export function forEachPixel(visit: (column: number, row: number, offset: number) => void): void {
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) visit(column, row, (row * side + column) * 3);
  }
}

/** The frame as bytes, 0..255, rounded. */
export function quantise(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(frame.length);
  for (let i = 0; i < frame.length; i++) bytes[i] = Math.min(Math.max(frame[i]!, 0), 1) * 255 + 0.5;
  return bytes;
}

/** The imperfections of an ordinary photograph: uneven light, varying exposure, a little blur, a little noise. */
export function photograph(frame: Frame, random: Random): Frame {
  const exposed = expose(frame, random.between(0.7, 1.15), random.between(-0.03, 0.08), random);
  return addNoise(blur(exposed, random.pick([0, 0, 1, 2, 3])), random.between(0, 0.12), random);
}

/** Brightness times `gain` plus `offset`; the gain is up to a quarter lower or higher at opposite edges. */
function expose(frame: Frame, gain: number, offset: number, random: Random): Frame {
  const [turns, slope] = [random.next(), random.between(0, 0.25)];
  const [slopeX, slopeY] = [slope * cosine(turns), slope * sine(turns)];
  const exposed = new Float64Array(frame.length);
  forEachPixel((column, row, at) => {
    const tilted = gain * (1 + slopeX * centreOf(column) + slopeY * centreOf(row));
    for (let i = at; i < at + 3; i++) exposed[i] = frame[i]! * tilted + offset;
  });
  return exposed;
}

/** Blurs `times` times with the weights ¼ ½ ¼ in both directions: in total about a Gaussian with a variance of times / 2 square pixels. */
export function blur(frame: Frame, times: number): Frame {
  let blurred = frame;
  for (let i = 0; i < times; i++) blurred = smoothAlong('columns', smoothAlong('rows', blurred));
  return blurred;
}

/** One pass along the rows or the columns; pixels beyond the edge repeat the edge pixel. */
function smoothAlong(direction: 'rows' | 'columns', frame: Frame): Frame {
  const smoothed = new Float64Array(frame.length);
  const stride = direction === 'rows' ? 3 : 3 * side;
  forEachPixel((column, row, offset) => {
    const position = direction === 'rows' ? column : row;
    const before = position === 0 ? 0 : stride;
    const after = position === side - 1 ? 0 : stride;
    for (let i = offset; i < offset + 3; i++)
      smoothed[i] = 0.25 * frame[i - before]! + 0.5 * frame[i]! + 0.25 * frame[i + after]!;
  });
  return smoothed;
}

/** Adds noise of this standard deviation to every channel of every pixel. */
export function addNoise(frame: Frame, deviation: number, random: Random): Frame {
  const noisy = new Float64Array(frame.length);
  for (let i = 0; i < frame.length; i++) noisy[i] = frame[i]! + deviation * random.normal();
  return noisy;
}
