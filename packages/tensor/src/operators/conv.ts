import type { Operator } from '../operator.ts';
import { known, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
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
  infer: ([x, weight, bias], attributes) => {
    const [n, c, h, w] = x!.shape;
    const [out, inner, kernelHeight, kernelWidth] = weight!.shape;
    const channels = known('Conv', inner, "the weight's second axis") * attributes.groups;
    const fits = x!.shape.length === 4 && weight!.shape.length === 4 && c === channels;
    if (!fits || (bias && (bias.shape.length !== 1 || bias.shape[0] !== out))) {
      const shapes = [x, weight, bias].map((operand) => operand && showShape(operand.shape)).join(', ');
      throw new TensorError(
        `Conv: x, weight, bias must be (N, C, H, W), (O, C / groups, kH, kW), (O), not ${shapes} with ${attributes.groups} groups`,
      );
    }
    const positions = (size: typeof h, kernel: typeof h) =>
      windowCount('Conv', known('Conv', size, 'a spatial size'), known('Conv', kernel, 'a kernel size'), attributes);
    return { shape: [n!, out!, positions(h, kernelHeight), positions(w, kernelWidth)], dtype: x!.dtype };
  },
  onnx: ({ groups, ...window }) => ({ attributes: { ...windowAttributes(window), group: groups } }),
};
