import type { Backward, Operator } from '../operator.ts';
import { type Dimension, known, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import type { Tensor } from '../tensor.ts';
import { noDerivativeByWeight } from './no-derivative-by-weight.ts';
import { oneDtype } from './one-dtype.ts';
import { type Pair, reach, type Sides, type Window, windowCounts, type WindowOptions } from './window.ts';

/** The settings of a convolution; `group` = channels makes it depthwise. */
export interface Convolution extends Window {
  readonly group: number;
}

/** How a convolution moves, and over which groups of channels. */
export interface ConvOptions extends WindowOptions {
  /** (O) */
  readonly bias?: Tensor;
  /** Into how many groups the channels are split, 1 by default. */
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
    const [n, c, h, w] = x!.shape;
    const [out, inner, kernelHeight, kernelWidth] = weight!.shape;
    const channels = known('Conv', inner, "the weight's second axis") * attributes.group;
    const grouped = known('Conv', out, "the weight's first axis") % attributes.group === 0;
    const fits = x!.shape.length === 4 && weight!.shape.length === 4 && c === channels && grouped;
    if (!fits || (bias && (bias.shape.length !== 1 || bias.shape[0] !== out))) {
      const shapes = operands.map(({ shape }) => showShape(shape)).join(', ');
      throw new TensorError(
        `Conv: x, weight, bias must be (N, C, H, W), (O, C / groups, kH, kW), (O), not ${shapes} with groups = ${attributes.group}`,
      );
    }
    const kernel = spatial([kernelHeight!, kernelWidth!], 'a kernel size');
    const positions = windowCounts('Conv', spatial([h!, w!], 'a spatial size'), kernel, attributes);
    return { shape: [n!, out!, ...positions], dtype: oneDtype('Conv', operands) };
  },
  gradient: (use) => [() => byImage(use), noDerivativeByWeight('Conv'), () => use.upstream.sum([0, 2, 3])],
};

const spatial = ([height, width]: readonly [Dimension, Dimension], what: string): Pair => [
  known('Conv', height, what),
  known('Conv', width, what),
];

/**
 * With a stride of 1 it is a convolution again, by the kernel turned round: onnxruntime computes that faster than the
 * transposed convolution, which serves for all others.
 */
function byImage({ inputs: [x, weight], upstream: g, attributes }: Backward<Convolution>): Tensor {
  const { strides, pads, dilations, group } = attributes;
  const size = x!.shape.slice(2) as unknown as Pair;
  const kernel = weight!.shape.slice(2) as unknown as Pair;
  const far = ([0, 1] as const).map((axis) => reach(kernel[axis], dilations[axis]) - 1);
  const turned = pads.map((pad, side) => far[side % 2]! - pad) as unknown as Sides;
  if (strides.every((stride) => stride === 1) && turned.every((pad) => pad >= 0)) {
    return g.conv(turnedRound(weight!, group), { padding: turned, dilation: dilations, groups: group });
  }
  const positions = g.shape.slice(2) as unknown as Pair;
  const missing = ([0, 1] as const).map(
    (axis) => size[axis] + pads[axis] + pads[axis + 2]! - (strides[axis] * (positions[axis] - 1) + far[axis]! + 1),
  ) as unknown as Pair;
  return g.convTranspose(weight!, { strides, pads, dilations, group, output_padding: missing });
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
