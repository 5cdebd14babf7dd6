import type { BatchOutcome } from './batch.ts';
import type { ReadingPool } from './open-pool.ts';
import type { Made } from './shards.ts';

/** The result for an image: a row for each reading, or why its bytes are not an image. */
export type MadeOfImage = { readonly rows: ReadonlyMap<string, Float32Array> } | { readonly unreadable: string };

/** The results of a batch for one of its images, by the reading's key. */
export const rowsAt = (
  row: number,
  { arrays }: BatchOutcome,
  { outputs }: ReadingPool,
): ReadonlyMap<string, Float32Array> =>
  new Map(
    [...outputs].flatMap(([key, { output }]) => {
      const rows = arrays[output];
      return rows ? [[key, rows.data.subarray(row * rows.shape[1], (row + 1) * rows.shape[1])] as const] : [];
    }),
  );

/** One reading of the results. Images that were not asked for it are missing. */
export function madeOf(made: ReadonlyMap<string, MadeOfImage>, key: string): Map<string, Made> {
  const all = [...made].flatMap(([content, each]): [string, Made][] => {
    if ('unreadable' in each) return [[content, each]];
    const row = each.rows.get(key);
    return row ? [[content, { row }]] : [];
  });
  return new Map(all);
}
