import * as operators from './operators/index.ts';
import type { Axes } from './operators/reduction.ts';
import { normaliseAxes } from './shape.ts';
import { apply, type Tensor } from './tensor.ts';

/**
 * Where the largest element of x over the axes is: a bool of x's shape that holds at one element of each group, at the first
 * of equals in the order of the elements, as `argMax` chooses; nowhere where a group holds NaN. It is constant wherever it
 * is differentiable.
 *
 * It makes a loss of one class, `z.logSumExp().sub(firstLargest(z).where(z, 0).sum())`, also where classes are equal.
 */
export function firstLargest(x: Tensor, axes: Axes = -1): Tensor {
  const inward = normaliseAxes('firstLargest', [axes].flat(), x.shape).toSorted((a, b) => b - a);
  let [rest, chosen] = [x, undefined as Tensor | undefined];
  for (const axis of inward) {
    const largest = rest.max(axis, { keepDims: true });
    const first = firstAlong(axis, rest.equal(largest).cast('float32'));
    chosen = chosen?.mul(first) ?? first;
    rest = largest;
  }
  return chosen!.greater(0);
}

/** Of ones and zeros the first one along an axis. Sums of ones, not ArgMax: WebGPU has no whole numbers of 64 bits. */
const firstAlong = (axis: number, ones: Tensor): Tensor =>
  ones.mul(apply(operators.cumSum, [ones], { axis }).lessOrEqual(1).cast('float32'));
