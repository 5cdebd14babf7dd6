import type { Operator } from '../operator.ts';
import { known, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import { windowCounts, type Pair, type Window, type WindowOptions } from './window.ts';

/** The settings of a pooling. */
export interface Pooling extends Window {
  readonly kernel_shape: Pair;
  /** 1 when a last window may hang out of the padded image. */
  readonly ceil_mode?: number;
}

/** How a pooling window moves; by its own size where nothing is said. */
export interface PoolOptions extends WindowOptions {
  /** The size of the window, in pixels. */
  readonly kernel: number | Pair;
}

/**
 * The maximum under a window, (N, C, H, W) → (N, C, H′, W′); padding never wins. Its second output says where the
 * maximum was, as an index into all elements of x; the first of equals, which then has the whole derivative.
 */
export const maxPool: Operator<Pooling> = {
  type: 'MaxPool',
  infer: ([x], { kernel_shape: kernel, ...window }) => {
    if (x!.shape.length !== 4) throw new TensorError(`MaxPool: x must be (N, C, H, W), not ${showShape(x!.shape)}`);
    const [n, c, ...size] = x!.shape;
    const [height, width] = size.map((each) => known('MaxPool', each, 'a spatial size'));
    return { shape: [n!, c!, ...windowCounts('MaxPool', [height!, width!], kernel, window)], dtype: x!.dtype };
  },
  gradient: ({ inputs: [x], output: y, upstream: g }) => [
    () => {
      const nothing = x!.mul(0).flatten();
      const places = y.result(1, { shape: y.shape, dtype: 'int64' });
      return nothing.scatterAdd(places.flatten(), g.flatten()).reshape(x!.shape);
    },
  ],
};
