import type { Backward, Operator } from '../operator.ts';
import { known, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import { constant, type Tensor } from '../tensor.ts';
import type { Pooling } from './max-pool.ts';
import { type Pair, reach, windowCounts } from './window.ts';

/** The settings of an average pooling. */
export interface AveragePooling extends Pooling {
  readonly ceil_mode: number;
  /** 1 when padding counts as zeros, 0 when it does not count at all. */
  readonly count_include_pad: number;
}

/** The mean under a window, (N, C, H, W) → (N, C, H′, W′). */
export const averagePool: Operator<AveragePooling> = {
  type: 'AveragePool',
  infer: ([x], { kernel_shape: kernel, ...window }) => {
    if (x!.shape.length !== 4) throw new TensorError(`AveragePool: x must be (N, C, H, W), not ${showShape(x!.shape)}`);
    const [n, c, ...size] = x!.shape;
    const [height, width] = size.map((each) => known('AveragePool', each, 'a spatial size'));
    return { shape: [n!, c!, ...windowCounts('AveragePool', [height!, width!], kernel, window)], dtype: x!.dtype };
  },
  gradient: (use) => [() => spread(use)],
};

/** Every window gives each of its pixels the same share: a transposed convolution, channel by channel, with ones. */
function spread({ inputs: [x], upstream: g, attributes }: Backward<AveragePooling>): Tensor {
  const { kernel_shape: kernel, strides, pads, dilations } = attributes;
  const channels = known('AveragePool', x!.shape[1], 'the number of channels');
  const [size, places] = [x!, g].map(({ shape }) => shape.slice(2) as unknown as Pair) as [Pair, Pair];
  // What the last windows reach beyond the image is padding there; what they do not reach is added.
  const beyond = ([0, 1] as const).map(
    (axis) => strides[axis] * (places[axis] - 1) + reach(kernel[axis], dilations[axis]) - pads[axis] - size[axis],
  ) as unknown as Pair;
  const ones = constant({
    data: new Float32Array(channels * kernel[0] * kernel[1]).fill(1),
    shape: [channels, 1, ...kernel],
  });
  return g.div(counts(size, places, attributes)).convTranspose(ones, {
    strides,
    dilations,
    group: channels,
    pads: [pads[0], pads[1], Math.max(beyond[0], 0), Math.max(beyond[1], 0)],
    output_padding: [Math.max(-beyond[0], 0), Math.max(-beyond[1], 0)],
  });
}

/** By what each window divides, (H′, W′). */
function counts(size: Pair, places: Pair, pooling: AveragePooling): Tensor {
  const [rows, columns] = ([0, 1] as const).map((axis) => countsAlong(axis, size[axis], places[axis], pooling)) as [
    number[],
    number[],
  ];
  const data = Float32Array.from(rows.flatMap((row) => columns.map((column) => row * column)));
  return constant({ data, shape: places });
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
