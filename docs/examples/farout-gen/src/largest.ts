import { onnxOperator } from '@farout/onnx';
import { constant, type Tensor } from '@farout/tensor';

/**
 * How much of each element is among the M largest of its row: 1 of those, 0 of the others. What equals the M-th largest
 * shares the places that are left, so that a row's weights sum to M whatever the order of equal elements.
 *
 * x (N, K) and 1 ≤ M ≤ K → float32 (N, K). Constant wherever it is differentiable.
 */
export function largest(x: Tensor, m: number): Tensor {
  const threshold = mthLargest(x, m);
  const above = x.greater(threshold).cast('float32');
  const equal = x.equal(threshold).cast('float32');
  const placesLeft = above.sum(-1, { keepDims: true }).neg().add(m);
  return above.add(equal.mul(placesLeft).div(equal.sum(-1, { keepDims: true })));
}

/** (N, K) → (N, 1). A tensor has no method for it, but ONNX has an operator; it says no shape, so the shape is said here. */
function mthLargest(x: Tensor, m: number): Tensor {
  const count = constant({ data: BigInt64Array.of(BigInt(m)), shape: [1] });
  const [descending] = onnxOperator('TopK', [x, count], { axis: -1 }, { results: 2 });
  return descending!.reshape([x.shape[0]!, m]).slice(1, m - 1, m);
}
