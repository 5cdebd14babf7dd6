import { FaroutError, type NDArray, type RowBatch, type Rows, type RowStream } from '@farout/core';

/** The values of one image. */
export type Row = Float32Array | Float64Array;

/** The means of rows by class, float64. */
export interface MeansByClass {
  /** μₖ, (K, D); zeros for a class without rows. */
  readonly means: NDArray & { readonly data: Float64Array };
  /** Rows of each class, (K). */
  readonly counts: Float64Array;
}

/** Selects the values of image i of a block and the class they count towards; undefined skips the image. */
export type Pick<Name extends string> = (
  block: RowBatch<Name>,
  i: number,
) => { readonly row: Row; readonly y: number } | undefined;

/** The class means of what `pick` selects. Reads the stream once and holds K · D numbers. */
export async function meansByClass<Name extends string>(
  rows: RowStream<Name>,
  pick: Pick<Name>,
  { classes, signal }: { readonly classes: number; readonly signal: AbortSignal },
): Promise<MeansByClass> {
  const counts = new Float64Array(classes);
  let sums = new Float64Array(0);
  for await (const block of rows) {
    signal.throwIfAborted();
    const count = countOf(block);
    for (let i = 0; i < count; i++) {
      const { row, y } = pick(block, i) ?? {};
      if (row === undefined) continue;
      if (sums.length === 0) sums = new Float64Array(classes * row.length);
      counts[y!]!++;
      for (let d = 0, at = y! * row.length; d < row.length; d++) sums[at + d]! += row[d]!;
    }
  }
  const width = sums.length / classes;
  const data = sums.map((sum, at) => sum / Math.max(counts[Math.floor(at / width)]!, 1));
  return { means: { data, shape: [classes, width] }, counts };
}

/** The number of images in a block; all its arrays have as many rows. */
function countOf<Name extends string>(block: RowBatch<Name>): number {
  const [any] = Object.values<Rows | Int32Array>(block);
  return 'shape' in any! ? any.shape[0] : any!.length;
}

/** Names of rows with one value per feature. */
type FeatureRows = 'features' | 'headInput';

/** The mean of the rows called `of`, float64 (D). */
export async function meanOf<Name extends FeatureRows>(
  of: Name,
  rows: RowStream<Name>,
  signal: AbortSignal,
): Promise<NDArray> {
  const row = (block: RowBatch<Name>, i: number) => ({ row: rowAt(block[of], i), y: 0 });
  const { means } = await meansByClass(rows, row, { classes: 1, signal });
  return { data: means.data, shape: [means.data.length] };
}

/**
 * The mean of the rows called `of` over the images predicted as each class, float64 (K, D).
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when no image is predicted as some class.
 */
export async function predictedMeans<Name extends FeatureRows>(
  of: Name,
  rows: RowStream<Name | 'logits'>,
  by: string,
  at: { readonly classes: number; readonly signal: AbortSignal },
): Promise<NDArray> {
  const { means, counts } = await meansByClass(
    rows,
    (block, i) => ({ row: rowAt(block[of], i), y: predictedAt(block.logits, i) }),
    at,
  );
  refuseFewer(counts, 1, `${by} needs an image predicted as each class`);
  return means;
}

/** The values of image i. */
export const rowAt = ({ data, shape: [, width] }: Rows, i: number): Float32Array =>
  data.subarray(i * width, (i + 1) * width);

/** The class that the logits of image i predict; of equal logits, the first. */
export function predictedAt(logits: Rows, i: number): number {
  const row = rowAt(logits, i);
  let y = 0;
  for (let k = 1; k < row.length; k++) if (row[k]! > row[y]!) y = k;
  return y;
}

/**
 * Fails if a class has fewer than `least` images.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED with the number of such classes and the first few.
 */
export function refuseFewer(counts: Float64Array, least: number, needs: string): void {
  const few = [...counts.keys()].filter((y) => counts[y]! < least);
  if (few.length === 0) return;
  const named = few.slice(0, 5).join(', ') + (few.length > 5 ? ', …' : '');
  throw new FaroutError(
    'OOD_DETECTOR_FAILED',
    `${needs} in the fit set; ${few.length} of ${counts.length} classes have too few: ${named}`,
    { fix: 'Use a larger fit set, with images of each class.' },
  );
}

/**
 * Fails if a class has no image in the fit set.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED with the first such class.
 */
export function refuseEmptyClass(counts: Float64Array): void {
  const empty = counts.findIndex((count) => count === 0);
  if (empty < 0) return;
  const others = counts.filter((count) => count === 0).length - 1;
  const which = others === 0 ? `class ${empty}` : `class ${empty} and ${others} more`;
  throw new FaroutError(
    'OOD_DETECTOR_FAILED',
    `the fit set has no image of ${which} of the network's ${counts.length}`,
    {
      fix: 'Fit on images of every class.',
    },
  );
}
