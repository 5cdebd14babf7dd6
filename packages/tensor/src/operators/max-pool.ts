import type { Operator } from '../operator.ts';
import { known, showShape } from '../shape.ts';
import { TensorError } from '../tensor-error.ts';
import { windowAttributes, windowCount, type Window } from './window.ts';

/** The settings of a pooling: a square window. */
export interface Pooling extends Window {
  readonly kernel: number;
}

/** The maximum under a window, (N, C, H, W) → (N, C, H′, W′); padding never wins. */
export const maxPool: Operator<Pooling> = {
  type: 'MaxPool',
  infer: ([x], { kernel, ...window }) => {
    if (x!.shape.length !== 4) throw new TensorError(`MaxPool: x must be (N, C, H, W), not ${showShape(x!.shape)}`);
    const [n, c, h, w] = x!.shape;
    const positions = (size: typeof h) =>
      windowCount('MaxPool', known('MaxPool', size, 'a spatial size'), kernel, window);
    return { shape: [n!, c!, positions(h), positions(w)], dtype: x!.dtype };
  },
  onnx: ({ kernel, ...window }) => ({ attributes: { ...windowAttributes(window), kernel_shape: [kernel, kernel] } }),
};
