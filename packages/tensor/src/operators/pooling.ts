import type { Backward, Inferred, Operand, Operator } from '../operator.ts';
import { known, showShape, TensorError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { reach, spatialOf, windowCounts, type Pair, type Window, type WindowOptions } from './window.ts';

/** The settings of a pooling. */
export interface Pooling extends Window {
  readonly kernel_shape: Pair;
  /** 1 when the last window may extend beyond the padded image. */
  readonly ceil_mode?: number;
}

/** How a pooling window moves; by default, by its own size. */
export interface PoolOptions extends WindowOptions {
  /** The size of the window, in pixels. */
  readonly kernel: number | Pair;
}

/**
 * The maximum under a window, (N, C, H, W) → (N, C, H′, W′); padding never wins. The second output is the position of the maximum, as an
 * index into all elements of x. Of equal elements, the first is chosen and gets the whole derivative.
 */
export const maxPool: Operator<Pooling> = {
  type: 'MaxPool',
  infer: ([x], pooling) => pooled('MaxPool', x!, pooling),
  gradient: ({ inputs: [x], output: y, upstream: g }) => [
    () => {
      const nothing = x!.filled(0).flatten();
      const places = y.result(1, { shape: y.shape, dtype: 'int64' });
      return nothing.scatterAdd(places.flatten(), g.flatten()).reshape(x!.shape);
    },
  ],
};

/** The settings of an average pooling. */
export interface AveragePooling extends Pooling {
  readonly ceil_mode: number;
  /** 1 when padding counts as zeros, 0 when it is ignored. */
  readonly count_include_pad: number;
}

/** The mean under a window, (N, C, H, W) → (N, C, H′, W′). */
export const averagePool: Operator<AveragePooling> = {
  type: 'AveragePool',
  infer: ([x], pooling) => pooled('AveragePool', x!, pooling),
  needs: ({ dilations }) => (isDilated(dilations) ? dilatedSince : 0),
  onnx: ({ dilations, ...pooling }, { version }) => ({
    attributes: version < dilatedSince ? pooling : { ...pooling, dilations },
  }),
  gradient: (use) => [() => spread(use)],
};

/** The version that introduced dilations. */
const dilatedSince = 19;
const isDilated = (dilations: Pair) => dilations.some((dilation) => dilation !== 1);

function pooled(type: string, x: Operand, { kernel_shape: kernel, ...window }: Pooling): Inferred {
  if (x.shape.length !== 4) throw new TensorError(`${type}: x must be (N, C, H, W), not ${showShape(x.shape)}`);
  const positions = windowCounts(type, spatialOf(type, x), kernel, window);
  return { shape: [...x.shape.slice(0, 2), ...positions], dtype: x.dtype };
}

/** Every window distributes its gradient equally over its pixels: a transposed convolution, channel by channel, with ones. */
function spread({ inputs: [x], upstream: g, attributes }: Backward<AveragePooling>): Tensor {
  const { kernel_shape: kernel, strides, pads, dilations } = attributes;
  const channels = known('AveragePool', x!.shape[1], 'the number of channels');
  const [size, places] = [x!, g].map((each) => spatialOf('AveragePool', each)) as [Pair, Pair];
  // Where the last windows extend beyond the image, this is padding; pixels that they do not reach are added.
  const beyond = (axis: 0 | 1) =>
    strides[axis] * (places[axis] - 1) + reach(kernel[axis], dilations[axis]) - pads[axis] - size[axis];
  const data = new Float32Array(channels * kernel[0] * kernel[1]).fill(1);
  const divisors = g.constant({ data: counts(size, places, attributes), shape: places });
  return g.div(divisors).convTranspose(g.constant({ data, shape: [channels, 1, ...kernel] }), {
    strides,
    dilations,
    group: channels,
    pads: [pads[0], pads[1], Math.max(beyond(0), 0), Math.max(beyond(1), 0)],
    output_padding: [Math.max(-beyond(0), 0), Math.max(-beyond(1), 0)],
  });
}

/** The divisor of each window, (H′, W′). */
function counts(size: Pair, places: Pair, pooling: AveragePooling): Float32Array {
  const along = (axis: 0 | 1) => countsAlong(axis, size[axis], places[axis], pooling);
  const columns = along(1);
  return Float32Array.from(along(0).flatMap((row) => columns.map((column) => row * column)));
}

function countsAlong(axis: 0 | 1, size: number, places: number, pooling: AveragePooling): number[] {
  const { kernel_shape, strides, pads, dilations, count_include_pad } = pooling;
  const [from, to] = count_include_pad === 1 ? [-pads[axis], size + pads[axis + 2]!] : [0, size];
  return Array.from({ length: places }, (_, place) => {
    const taps = Array.from(
      { length: kernel_shape[axis] },
      (__, tap) => place * strides[axis] - pads[axis] + tap * dilations[axis],
    );
    return taps.filter((at) => at >= from && at < to).length;
  });
}
