import type { Operator } from '../operator.ts';
import { known, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import { oneDtype } from './one-dtype.ts';
import { windowAttributes, windowCount, type Window } from './window.ts';

/** The settings of a convolution; `groups` = channels makes it depthwise. */
export interface Convolution extends Window {
  readonly groups: number;
}

/**
 * Two-dimensional convolution (cross-correlation, as in PyTorch): x (N, C, H, W), weight (O, C / groups, kH, kW) and
 * optionally bias (O) → (N, O, H′, W′).
 */
export const conv: Operator<Convolution> = {
  type: 'Conv',
  infer: (operands, attributes) => {
    const [x, weight, bias] = operands;
    const [n, c, h, w] = x!.shape;
    const [out, inner, kernelHeight, kernelWidth] = weight!.shape;
    const channels = known('Conv', inner, "the weight's second axis") * attributes.groups;
    const grouped = known('Conv', out, "the weight's first axis") % attributes.groups === 0;
    const fits = x!.shape.length === 4 && weight!.shape.length === 4 && c === channels && grouped;
    if (!fits || (bias && (bias.shape.length !== 1 || bias.shape[0] !== out))) {
      const shapes = operands.map(({ shape }) => showShape(shape)).join(', ');
      throw new TensorError(
        `Conv: x, weight, bias must be (N, C, H, W), (O, C / groups, kH, kW), (O), not ${shapes} with groups = ${attributes.groups}`,
      );
    }
    const positions = (size: typeof h, kernel: typeof h) =>
      windowCount('Conv', known('Conv', size, 'a spatial size'), known('Conv', kernel, 'a kernel size'), attributes);
    return {
      shape: [n!, out!, positions(h, kernelHeight), positions(w, kernelWidth)],
      dtype: oneDtype('Conv', operands),
    };
  },
  onnx: ({ groups, ...window }) => ({ attributes: { ...windowAttributes(window), group: groups } }),
};
