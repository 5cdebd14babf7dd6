import { LinalgError } from './matrix.ts';
import { ClassMoments, Moments, type MomentsOfClasses, type MomentsOfRows } from './moments.ts';

/** A batch of rows: row i is `data.subarray(i · width, (i + 1) · width)`. */
export interface RowBlock {
  readonly data: Float32Array;
  readonly shape: readonly [rows: number, width: number];
}

/** The same with the class of each row, 0 to C − 1. */
export interface LabelledBlock extends RowBlock {
  readonly labels: ArrayLike<number>;
}

/**
 * The moments of a stream of rows, read once. With `normalised`, each row is first divided by its length, x / ‖x‖₂ in float64; a row of
 * zeros stays zero.
 *
 * @throws LinalgError as `Moments` does; OOD_DETECTOR_FAILED when there are no rows.
 */
export async function momentsOf(rows: AsyncIterable<RowBlock>, normalised = false): Promise<MomentsOfRows> {
  let moments: Moments | undefined;
  for await (const block of rows) (moments ??= new Moments(block.shape[1])).add(rowsOf(block, normalised));
  return (moments ?? noRows()).result();
}

/** The same with the moments of each of C classes. */
export async function classMomentsOf(
  rows: AsyncIterable<LabelledBlock>,
  classes: number,
  normalised = false,
): Promise<MomentsOfClasses> {
  let moments: ClassMoments | undefined;
  for await (const block of rows) {
    moments ??= new ClassMoments(block.shape[1], classes);
    moments.add(rowsOf(block, normalised), block.labels);
  }
  return (moments ?? noRows()).result();
}

function noRows(): never {
  throw new LinalgError('there are no rows to compute moments of');
}

const rowsOf = (block: RowBlock, normalised: boolean) => (normalised ? unitRows(block) : block.data);

function unitRows({ data, shape: [count, width] }: RowBlock): Float64Array {
  const unit = Float64Array.from(data);
  for (let row = 0; row < count; row++) {
    const values = unit.subarray(row * width, (row + 1) * width);
    let square = 0;
    for (const value of values) square += value * value;
    const length = Math.sqrt(square);
    if (length > 0) for (let i = 0; i < width; i++) values[i]! /= length;
  }
  return unit;
}
