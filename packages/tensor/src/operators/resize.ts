import { int64 } from '../nd-array.ts';
import type { Backward, Operator } from '../operator.ts';
import { known } from '../shape.ts';
import { constant, type Tensor } from '../tensor.ts';
import { resizeMatrix, type Sampling } from './resampling.ts';
import type { Pair } from './window.ts';

/** How the two spatial axes are resampled: to these sizes, or by these factors. */
export interface Resizing extends Sampling {
  readonly sizes?: Pair;
  readonly scales?: Pair;
}

/** x (N, C, H, W) resampled along both spatial axes: linear in x, one matrix per axis. */
export const resize: Operator<Resizing> = {
  type: 'Resize',
  infer: ([x], { sizes, scales }) => {
    const [n, c, ...spatial] = x!.shape;
    const size = (axis: 0 | 1) => {
      const old = known('Resize', spatial[axis], 'a spatial size');
      // In single precision, as onnxruntime computes it.
      return sizes ? sizes[axis] : Math.floor(Math.fround(old * Math.fround(scales![axis])));
    };
    return { shape: [n!, c!, size(0), size(1)], dtype: x!.dtype };
  },
  onnx: ({ sizes, scales, mode, coordinates, rounding, cubicCoefficient }) => ({
    attributes: {
      axes: [2, 3],
      mode,
      coordinate_transformation_mode: coordinates,
      nearest_mode: rounding,
      cubic_coeff_a: { float: cubicCoefficient },
    },
    // Either factors or sizes; the region of interest, and factors beside sizes, are left out.
    absent: sizes ? [1, 2] : [1],
    inputs: [sizes ? int64(sizes) : { data: Float32Array.from(scales!), shape: [2] }],
  }),
  gradient: (use) => [() => resampleBack(use)],
};

/** Aᵀ g B for y = A x Bᵀ. */
function resampleBack({ inputs: [x], upstream: g, attributes }: Backward<Resizing>): Tensor {
  // What keeps its size is copied by onnxruntime, whatever the factors.
  if (x!.shape.every((size, axis) => size === g.shape[axis])) return g;
  const matrix = (axis: 0 | 1) => {
    const [from, to] = [x!, g].map(({ shape }) => known('Resize', shape[2 + axis], 'a spatial size')) as [
      number,
      number,
    ];
    const data = resizeMatrix(from, to, attributes.scales?.[axis] ?? to / from, attributes);
    return constant({ data, shape: [to, from] });
  };
  return matrix(0).transpose(1, 0).matmul(g).matmul(matrix(1));
}
