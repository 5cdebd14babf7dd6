import { TensorError } from '../tensor-error.ts';

/** One number for each of the two spatial axes. */
export type Pair = readonly [height: number, width: number];

/** Pixels of padding on each side, in ONNX's order. */
export type Sides = readonly [top: number, left: number, bottom: number, right: number];

/** How a window moves over the two spatial axes, in ONNX's words. */
export interface Window {
  readonly strides: Pair;
  readonly pads: Sides;
  readonly dilations: Pair;
}

/** The same as people write it: one number where all are equal. */
export interface WindowOptions {
  readonly stride?: number | Pair;
  readonly padding?: number | Sides;
  readonly dilation?: number | Pair;
}

/** A number for both axes, or one for each. */
export const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

/** The window that options mean: a stride of 1, no padding and no dilation where nothing is said. */
export const windowOf = ({ stride = 1, padding = 0, dilation = 1 }: WindowOptions): Window => ({
  strides: pair(stride),
  pads: typeof padding === 'number' ? [padding, padding, padding, padding] : padding,
  dilations: pair(dilation),
});

/** How many pixels a kernel of `size` reaches over when its taps are `dilation` apart. */
export const reach = (size: number, dilation: number): number => dilation * (size - 1) + 1;

/** How many positions a window of `kernel` has over an image of `size`, per axis. */
export function windowCounts(operator: string, size: Pair, kernel: Pair, { strides, pads, dilations }: Window): Pair {
  const count = (axis: 0 | 1) => {
    const free = size[axis] + pads[axis] + pads[axis + 2]! - reach(kernel[axis], dilations[axis]);
    const positions = Math.floor(free / strides[axis]) + 1;
    if (positions >= 1) return positions;
    const sides = `${pads[axis]} and ${pads[axis + 2]!}`;
    throw new TensorError(
      `${operator}: a window of ${kernel[axis]} does not fit into ${size[axis]} padded by ${sides}`,
    );
  };
  return [count(0), count(1)];
}
