import { FaroutError, type NDArray, type RowBatch, type Rows, type RowStream } from '@farout/core';

/** Numbers of one image. */
export type Row = Float32Array | Float64Array;

/** The means of rows by class, float64. */
export interface MeansByClass {
  /** μₖ, (K, D); zeros for a class without rows. */
  readonly means: NDArray & { readonly data: Float64Array };
  /** Rows of each class, (K). */
  readonly counts: Float64Array;
}

/** Which images count, and as what: the numbers of image i of a block, and the class that it is counted to; undefined leaves it out. */
export type Pick<Name extends string> = (
  block: RowBatch<Name>,
  i: number,
) => { readonly row: Row; readonly y: number } | undefined;

/** The means by class of what is picked of a stream, read once; K · D numbers are held. */
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

/** How many images a block has: as many as any of its arrays has rows. */
function countOf<Name extends string>(block: RowBatch<Name>): number {
  const [any] = Object.values<Rows | Int32Array>(block);
  return 'shape' in any! ? any.shape[0] : any!.length;
}

/** The rows that have one number for each feature. */
type FeatureRows = 'features' | 'headInput';

/** The mean of the rows of a stream that have this name, float64 (D). */
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
 * The mean rows of this name of the images that are predicted as each class, float64 (K, D).
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when a class is predicted for none of them.
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

/** The numbers of image i. */
export const rowAt = ({ data, shape: [, width] }: Rows, i: number): Float32Array =>
  data.subarray(i * width, (i + 1) * width);

/** The class that the logits of image i predict, the first of equals. */
export function predictedAt(logits: Rows, i: number): number {
  const row = rowAt(logits, i);
  let y = 0;
  for (let k = 1; k < row.length; k++) if (row[k]! > row[y]!) y = k;
  return y;
}

/**
 * Refuses classes with fewer images than a method can learn from.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED that says how many classes these are, and names some.
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
 * Refuses a fit set without an image of some class.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED that names the first.
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
