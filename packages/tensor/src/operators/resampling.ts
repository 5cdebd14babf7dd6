/** How new pixels are made of old ones, in ONNX's words. */
export interface Sampling {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  /** coordinate_transformation_mode */
  readonly coordinates: 'half_pixel' | 'pytorch_half_pixel' | 'align_corners' | 'asymmetric';
  /** nearest_mode */
  readonly rounding: 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';
  /** cubic_coeff_a */
  readonly cubicCoefficient: number;
}

/** What each of `to` new pixels along an axis takes of the `from` old ones, (to, from), as ONNX defines Resize. */
export function resizeMatrix(from: number, to: number, scale: number, sampling: Sampling): Float32Array {
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

/** Where the middle of a new pixel lies among the old ones; in single precision, as onnxruntime computes it and then rounds. */
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

/** Old pixels and what they weigh; those beyond the edge stand for the outermost one. */
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
