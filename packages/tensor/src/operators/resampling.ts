import { int64 } from '../nd-array.ts';
import type { Backward, Operator } from '../operator.ts';
import { known } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import type { Pair } from './window.ts';

/** How to resample the two spatial axes: to these sizes, or by these factors. */
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
    // Either factors or sizes; the region of interest is omitted, and so are the factors if there are sizes.
    absent: sizes ? [1, 2] : [1],
    inputs: [sizes ? int64(sizes) : { data: Float32Array.from(scales!), shape: [2] }],
  }),
  gradient: (use) => [() => resampleBack(use)],
};

/** Aᵀ g B for y = A x Bᵀ. */
function resampleBack({ inputs: [x], upstream: g, attributes }: Backward<Resizing>): Tensor {
  // If the size stays the same, onnxruntime copies x, whatever the factors.
  if (x!.shape.every((size, axis) => size === g.shape[axis])) return g;
  const matrix = (axis: 0 | 1) => {
    const [from, to] = [x!, g].map(({ shape }) => known('Resize', shape[2 + axis], 'a spatial size')) as [
      number,
      number,
    ];
    const data = resizeMatrix(from, to, attributes.scales?.[axis] ?? to / from, attributes);
    return g.constant({ data, shape: [to, from] });
  };
  return matrix(0).transpose(1, 0).matmul(g).matmul(matrix(1));
}

/** How new pixels are computed from old ones, in ONNX's terms. */
export interface Sampling {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  /** coordinate_transformation_mode */
  readonly coordinates: 'half_pixel' | 'pytorch_half_pixel' | 'align_corners' | 'asymmetric';
  /** nearest_mode */
  readonly rounding: 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';
  /** cubic_coeff_a */
  readonly cubicCoefficient: number;
}

/** The weights of the `from` old pixels in each of the `to` new pixels along an axis, (to, from), as ONNX defines Resize. */
function resizeMatrix(from: number, to: number, scale: number, sampling: Sampling): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let pixel = 0; pixel < to; pixel++) {
    const at = coordinate(pixel, from, to, scale, sampling);
    for (const [tap, weight] of tapsAt(at, sampling)) {
      matrix[pixel * from + Math.min(Math.max(tap, 0), from - 1)]! += weight;
    }
  }
  return matrix;
}

const single = Math.fround;

/** The position of a new pixel's centre among the old ones, in single precision, as onnxruntime computes it before rounding. */
function coordinate(pixel: number, from: number, to: number, scale: number, { coordinates }: Sampling): number {
  const middle = () => single(single((pixel + 0.5) / single(scale)) - 0.5);
  switch (coordinates) {
    case 'asymmetric':
      return single(pixel / single(scale));
    case 'align_corners':
      return to === 1 ? 0 : single((pixel * (from - 1)) / (to - 1));
    case 'pytorch_half_pixel':
      return to > 1 ? middle() : 0;
    default:
      return middle();
  }
}

/** Old pixels and their weights; pixels beyond the edge are replaced by the outermost one. */
function tapsAt(at: number, { mode, rounding, cubicCoefficient: a }: Sampling): readonly (readonly [number, number])[] {
  if (mode === 'nearest') return [[rounded(at, rounding), 1]];
  const below = Math.floor(at);
  const part = at - below;
  if (mode === 'linear') {
    return [
      [below, 1 - part],
      [below + 1, part],
    ];
  }
  return [-1, 0, 1, 2].map((tap) => [below + tap, cubic(Math.abs(tap - part), a)] as const);
}

/** Keys' cubic kernel at a distance of less than 2. */
const cubic = (distance: number, a: number): number =>
  distance <= 1
    ? ((a + 2) * distance - (a + 3)) * distance * distance + 1
    : ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;

function rounded(at: number, rounding: Sampling['rounding']): number {
  switch (rounding) {
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5);
    default:
      return Math.ceil(at - 0.5);
  }
}
