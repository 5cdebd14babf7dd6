import { gramEigen, Moments, secondMoment, symmetricEigen, type Matrix } from '@farout/linalg';

/** What ViM learns: an origin o, (D), and its residual space: in it, the features about o are only noise. */
export function vimSpace(weight: Matrix, bias: ArrayLike<number>, batches: Iterable<Float32Array>, principal: number) {
  const origin = originOf(weight, bias);
  const moments = new Moments(origin.length);
  for (const rows of batches) moments.add(rows);
  const { vectors } = symmetricEigen(secondMoment(moments.result(), origin));
  // All vectors behind the principal ones, whether their values are small or 0: rows of (D − principal, D).
  return { origin, residualSpace: vectors.data.slice(principal * origin.length) };
}

/** o = −W⁺·b, where all logits are as close to 0 as possible: W⁺ = Σ vₖ·vₖᵀ / λₖ · Wᵀ over the eigenpairs of Wᵀ·W. */
function originOf(weight: Matrix, bias: ArrayLike<number>): Float64Array {
  const [classes = 0, width = 0] = weight.shape;
  const { values, vectors } = gramEigen(weight);
  const wb = new Float64Array(width);
  for (let k = 0; k < classes; k++) for (let j = 0; j < width; j++) wb[j]! += weight.data[k * width + j]! * bias[k]!;
  const origin = new Float64Array(width);
  values.forEach((value, k) => {
    const v = vectors.data.subarray(k * width, (k + 1) * width);
    const share = v.reduce((sum, each, j) => sum + each * wb[j]!, 0) / value;
    for (let j = 0; j < width; j++) origin[j]! -= share * v[j]!;
  });
  return origin;
}
