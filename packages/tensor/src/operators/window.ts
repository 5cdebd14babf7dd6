import { TensorError } from '../tensor-error.ts';

/** How a window moves over the two spatial axes; the same for both. Padding is zeros on all four sides. */
export interface Window {
  readonly stride: number;
  readonly padding: number;
}

/** How many positions a window of `kernel` has along an axis of `size`. */
export function windowCount(operator: string, size: number, kernel: number, { stride, padding }: Window): number {
  const count = Math.floor((size + 2 * padding - kernel) / stride) + 1;
  if (count >= 1) return count;
  throw new TensorError(`${operator}: a window of ${kernel} does not fit into ${size} with a padding of ${padding}`);
}

/** The window in ONNX's words. */
export const windowAttributes = ({ stride, padding }: Window) => ({
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
});
