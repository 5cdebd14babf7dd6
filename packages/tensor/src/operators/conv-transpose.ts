import type { Operator } from '../operator.ts';
import { known } from '../shape.ts';
import type { Convolution } from './convolution.ts';
import { noDerivativeByWeight } from './no-derivative-by-weight.ts';
import { oneDtype } from './one-dtype.ts';
import { type Pair, reach } from './window.ts';

/** The settings of a transposed convolution. */
export interface TransposedConvolution extends Convolution {
  /** Pixels added below and to the right, which a strided convolution's rounding has left out. */
  readonly output_padding: Pair;
}

/** The adjoint of a convolution with the same weight and settings: x (N, O, H′, W′), weight (O, C / group, kH, kW) and optionally bias (C) → (N, C, H, W). */
export const convTranspose: Operator<TransposedConvolution> = {
  type: 'ConvTranspose',
  infer: (operands, { strides, pads, dilations, group, output_padding: added }) => {
    const [x, weight] = operands;
    const [n, , ...positions] = x!.shape;
    const [, inner, ...kernel] = weight!.shape;
    const size = (axis: 0 | 1) => {
      const far = reach(known('ConvTranspose', kernel[axis], 'a kernel size'), dilations[axis]);
      const steps = known('ConvTranspose', positions[axis], 'a spatial size') - 1;
      return strides[axis] * steps + far + added[axis] - pads[axis] - pads[axis + 2]!;
    };
    const channels = known('ConvTranspose', inner, "the weight's second axis") * group;
    return { shape: [n!, channels, size(0), size(1)], dtype: oneDtype('ConvTranspose', operands) };
  },
  gradient: ({ inputs: [, weight], upstream: g, attributes: { strides, pads, dilations, group } }) => [
    () => g.conv(weight!, { stride: strides, padding: pads, dilation: dilations, groups: group }),
    noDerivativeByWeight('ConvTranspose'),
    () => g.sum([0, 2, 3]),
  ],
};
