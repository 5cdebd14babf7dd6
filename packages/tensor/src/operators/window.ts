import type { Operand } from '../operator.ts';
import { known, TensorError } from '../shape.ts';

/** One number for each of the two spatial axes. */
export type Pair = readonly [height: number, width: number];

/** Pixels of padding on each side, in ONNX's order. */
export type Sides = readonly [top: number, left: number, bottom: number, right: number];

/** How a window moves over the two spatial axes, in ONNX's terms. */
export interface Window {
  readonly strides: Pair;
  readonly pads: Sides;
  readonly dilations: Pair;
}

/** The same in a shorter notation: one number if all are equal. */
export interface WindowOptions {
  /** Pixels from one position to the next. */
  readonly stride?: number | Pair;
  /** Pixels added on each side. */
  readonly padding?: number | Sides;
  /** Pixels between neighbouring taps. */
  readonly dilation?: number | Pair;
}

/** A number for both axes, or one for each. */
export const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

/** The window for the given options; by default a stride of 1, no padding and no dilation. */
export const windowOf = ({ stride = 1, padding = 0, dilation = 1 }: WindowOptions): Window => ({
  strides: pair(stride),
  pads: typeof padding === 'number' ? [padding, padding, padding, padding] : padding,
  dilations: pair(dilation),
});

/** Height and width of images or kernels, (…, …, H, W). */
export const spatialOf = (operator: string, { shape }: Pick<Operand, 'shape'>, what = 'a spatial size'): Pair => [
  known(operator, shape[2], what),
  known(operator, shape[3], what),
];

/** The number of pixels that a kernel of `size` spans when its taps are `dilation` apart. */
export const reach = (size: number, dilation: number): number => dilation * (size - 1) + 1;

/** Whether the last window may extend beyond the padded image, as long as it starts inside. */
interface Rounding {
  readonly ceil_mode?: number;
}

/** The number of positions of a window of `kernel` over an image of `size`, per axis. */
export function windowCounts(operator: string, size: Pair, kernel: Pair, window: Window & Rounding): Pair {
  return [countAlong(0, operator, size, kernel, window), countAlong(1, operator, size, kernel, window)];
}

function countAlong(axis: 0 | 1, operator: string, size: Pair, kernel: Pair, window: Window & Rounding): number {
  const [stride, before, behind] = [window.strides[axis], window.pads[axis], window.pads[axis + 2]!];
  const free = size[axis] + before + behind - reach(kernel[axis], window.dilations[axis]);
  if (free < 0) {
    throw new TensorError(
      `${operator}: a window of ${kernel[axis]} does not fit into ${size[axis]} padded by ${before} and ${behind}`,
    );
  }
  const whole = Math.floor(free / stride) + 1;
  const hanging = window.ceil_mode === 1 && free % stride > 0 && whole * stride < size[axis] + before;
  return hanging ? whole + 1 : whole;
}
