import { inSingle, noDerivativeByWeight, oneDtype, type Backward, type Operator } from '../operator.ts';
import { known, showShape, TensorError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { convOfPhases, isPointwise } from './phases.ts';
import { reach, spatialOf, windowCounts, type Pair, type Sides, type Window, type WindowOptions } from './window.ts';

/** The settings of a convolution; `group` = channels makes it depthwise. */
export interface Convolution extends Window {
  readonly group: number;
}

/** How a convolution's window moves, and the groups of channels. */
export interface ConvOptions extends WindowOptions {
  /** (O) */
  readonly bias?: Tensor;
  /** The number of groups that the channels are split into; 1 by default. */
  readonly groups?: number;
}

/**
 * Two-dimensional convolution (cross-correlation, as in PyTorch): x (N, C, H, W), weight (O, C / group, kH, kW) and
 * optionally bias (O) → (N, O, H′, W′).
 */
export const conv: Operator<Convolution> = {
  type: 'Conv',
  infer: (operands, attributes) => {
    const [x, weight, bias] = operands;
    const [n, c] = x!.shape;
    const [out, inner] = weight!.shape;
    const channels = known('Conv', inner, "the weight's second axis") * attributes.group;
    const grouped = known('Conv', out, "the weight's first axis") % attributes.group === 0;
    const fits = x!.shape.length === 4 && weight!.shape.length === 4 && c === channels && grouped;
    if (!fits || (bias && (bias.shape.length !== 1 || bias.shape[0] !== out))) {
      const shapes = operands.map(({ shape }) => showShape(shape)).join(', ');
      throw new TensorError(
        `Conv: x, weight, bias must be (N, C, H, W), (O, C / groups, kH, kW), (O), not ${shapes} with groups = ${attributes.group}`,
      );
    }
    const kernel = spatialOf('Conv', weight!, 'a kernel size');
    const positions = windowCounts('Conv', spatialOf('Conv', x!), kernel, attributes);
    return { shape: [n!, out!, ...positions], dtype: oneDtype('Conv', operands) };
  },
  onnx: (attributes, { inputs: [, weight], explicit }) => ({
    attributes: explicit ? { ...attributes, kernel_shape: spatialOf('Conv', weight!) } : { ...attributes },
  }),
  steady: (operands, attributes) => inSingle(conv, operands, attributes),
  gradient: (use) => [() => byImage(use), noDerivativeByWeight('Conv'), () => use.upstream.sum([0, 2, 3])],
};

/**
 * With a stride of 1 it is again a convolution, with the kernel rotated by 180°, which onnxruntime computes faster than a transposed
 * convolution. All others use the transposed convolution; but see `convOfPhases`.
 */
function byImage({ inputs: [x, weight], upstream: g, attributes }: Backward<Convolution>): Tensor {
  const { strides, pads, dilations, group } = attributes;
  const [size, kernel, positions] = [x!, weight!, g].map((each) => spatialOf('Conv', each)) as [Pair, Pair, Pair];
  const far = (axis: 0 | 1) => reach(kernel[axis], dilations[axis]) - 1;
  const turned: Sides = [far(0) - pads[0], far(1) - pads[1], far(0) - pads[2], far(1) - pads[3]];
  if (strides.every((stride) => stride === 1) && turned.every((pad) => pad >= 0)) {
    const taps = turnedRound(weight!, group);
    const inPhases = group === 1 && isPointwise(weight!, attributes) ? convOfPhases(g, taps) : undefined;
    return inPhases ?? g.conv(taps, { padding: turned, dilation: dilations, groups: group });
  }
  const missing = (axis: 0 | 1) =>
    size[axis] + pads[axis] + pads[axis + 2]! - (strides[axis] * (positions[axis] - 1) + far(axis) + 1);
  return g.convTranspose(weight!, { strides, pads, dilations, group, output_padding: [missing(0), missing(1)] });
}

/** Output and input channels swapped within each group, and both spatial axes reversed. */
function turnedRound(weight: Tensor, group: number): Tensor {
  const [out, inner, height, width] = weight.shape as [number, number, number, number];
  const outer = out / group;
  const swapped =
    outer === 1 && inner === 1
      ? weight
      : weight
          .reshape([group, outer, inner, height, width])
          .transpose(0, 2, 1, 3, 4)
          .reshape([group * inner, outer, height, width]);
  return height === 1 && width === 1 ? swapped : swapped.reverse([2, 3]);
}

/** The settings of a transposed convolution. */
export interface TransposedConvolution extends Convolution {
  /** Pixels added below and to the right that a strided convolution dropped by rounding. */
  readonly output_padding: Pair;
}

/**
 * The adjoint of a convolution with the same weight and settings: x (N, O, H′, W′), weight (O, C / group, kH, kW) and optionally bias (C) →
 * (N, C, H, W).
 */
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
  steady: (operands, attributes) => inSingle(convTranspose, operands, attributes),
  gradient: ({ inputs: [, weight], upstream: g, attributes: { strides, pads, dilations, group } }) => [
    () => g.conv(weight!, { stride: strides, padding: pads, dilation: dilations, groups: group }),
    noDerivativeByWeight('ConvTranspose'),
    () => g.sum([0, 2, 3]),
  ],
};
