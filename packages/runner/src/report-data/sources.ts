import type { Clock, Logger, Rows, Store } from '@farout/core';
import type { Detector, Experiment } from '../experiment.ts';
import type { ImageRows, RowSet, ShardRows } from '../extraction/row-set.ts';
import type { FittedDetector, Fitting } from '../fit/fit.ts';
import { refuseMachineFault } from '../plugins/failure.ts';
import type { DatasetScores } from '../score/on-features.ts';
import { hashData } from '../store/entries.ts';

/** What the stages of a run leave to be drawn from. */
export interface ReportSources {
  readonly experiment: Experiment;
  /** Features by the name of the dataset. */
  readonly sets: ReadonlyMap<string, RowSet>;
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly fitting: Fitting;
  readonly fitted: readonly FittedDetector[];
  readonly store: Store;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A detector that scored every set: what the experiment says of it, and what it learnt. */
export interface ScoredDetector {
  readonly detector: Detector;
  readonly fitted: FittedDetector;
}

/**
 * What is to be drawn, or nothing and a warning when that fails: a report is no result.
 *
 * @throws what the signal says when it stops the run; FaroutError OOD_STORE_FAILED.
 */
export async function unlessItFails<T>(
  what: string,
  draw: () => Promise<readonly T[]>,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<readonly T[]> {
  try {
    return await draw();
  } catch (error) {
    signal.throwIfAborted();
    refuseMachineFault(error);
    logger.warn(`The report lacks ${what}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/**
 * At most `most` images of a set with their features, in memory: evenly spread over the set's order, so that a set which
 * is sorted by class gives of every class. A set that has no more images is given back as it is.
 */
export async function sampleRows(set: ImageRows, most: number): Promise<ImageRows> {
  const all = set.images.length;
  if (all <= most) return set;
  const block = await gather(
    set,
    Array.from({ length: most }, (_, i) => Math.floor((i * all) / most)),
  );
  return {
    images: block.images,
    fingerprint: hashData([set.fingerprint, 'evenly spread', most]),
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface of a set that is read from disk
    async *rows() {
      yield block;
    },
  };
}

/** The rows at ascending indexes. */
async function gather(set: ImageRows, chosen: readonly number[]): Promise<ShardRows> {
  let data: Float32Array | undefined;
  let [taken, passed, width] = [0, 0, 0];
  for await (const { images, rows: features } of set.rows()) {
    width = features.shape[1];
    data ??= new Float32Array(chosen.length * width);
    for (; taken < chosen.length && chosen[taken]! < passed + images.length; taken++) {
      const row = chosen[taken]! - passed;
      data.set(features.data.subarray(row * width, (row + 1) * width), taken * width);
    }
    passed += images.length;
  }
  const rows: Rows = { data: data!, shape: [chosen.length, width] };
  return { images: chosen.map((index) => set.images[index]!), rows };
}
