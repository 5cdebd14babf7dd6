import type { Clock, HookDefinition, Logger, Rows, RunResults, ScorerDefinition, Store } from '@farout/core';
import type { Detector, Experiment, Part } from '../experiment.ts';
import { joinRows } from '../extraction/batch.ts';
import type { ImageRows, ImageSet, ShardRows } from '../extraction/row-set.ts';
import type { Fitting } from '../fit/fit.ts';
import type { FittedDetector } from '../fit/rows.ts';
import { refuseMachineFault } from '../plugins/failure.ts';
import type { DatasetScores } from '../score/on-features.ts';
import { hashData } from '../store/entries.ts';

/** The results of a run's stages that a report is drawn from. */
export interface ReportSources {
  readonly experiment: Experiment;
  /** Features by dataset name. */
  readonly sets: ReadonlyMap<string, ImageSet>;
  readonly scores: ReadonlyMap<string, DatasetScores>;
  /** The names of the network's classes, if a dataset gives them. */
  readonly classes: RunResults['classes'] | undefined;
  readonly fitting: Fitting;
  readonly fitted: readonly FittedDetector[];
  readonly store: Store;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A detector that scored every set: its definition in the experiment, and what it learnt. */
export interface ScoredDetector {
  readonly detector: Detector;
  readonly fitted: FittedDetector;
}

export type AnyPart = Part<HookDefinition | ScorerDefinition>;

/** A part of a detector: the hooks in order, the scorer last. */
export interface PlacedPart {
  readonly one: ScoredDetector;
  readonly at: number;
  readonly part: AnyPart;
}

/** What identifies a part. Together with the host's own code and what the part sees, it determines what the part computes. */
export const identityOf = ({ origin, code, definition: { name }, params }: AnyPart): readonly unknown[] => [
  origin,
  code?.(),
  name,
  params,
];

/** The set that a part learns from, except for steps that name others. */
export const fitSetOf = (part: AnyPart, { fit }: Pick<Experiment, 'fit'>): string | undefined => part.fit ?? fit;

/**
 * Returns what `draw` gives, or logs a warning and returns nothing if it fails: a report is not a result.
 *
 * @throws the signal's reason if the run is stopped; FaroutError OOD_STORE_FAILED.
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

/** Concatenates sets, in order. */
export function joinSets(sets: readonly ImageRows[]): ImageRows {
  const [first] = sets as [ImageRows, ...ImageRows[]];
  if (sets.length === 1) return first;
  return {
    images: sets.flatMap(({ images }) => images),
    fingerprint: hashData(sets.map(({ fingerprint }) => fingerprint)),
    async *rows(readings) {
      for (const set of sets) yield* set.rows(readings);
    },
  };
}

/**
 * At most `most` images of a set, evenly spread over its order, so that a set sorted by class contributes images of every
 * class. Their features are gathered once and then stay in memory. A set without more images is returned as it is.
 */
export function sampleRows(set: ImageRows, most: number): ImageRows {
  const all = set.images.length;
  if (all <= most) return set;
  const chosen = Array.from({ length: most }, (_, i) => Math.floor((i * all) / most));
  let features: Promise<ShardRows> | undefined;
  return {
    images: chosen.map((index) => set.images[index]!),
    fingerprint: hashData([set.fingerprint, 'evenly spread', most]),
    async *rows(readings = []) {
      yield readings.length > 0 ? await gather(set, chosen, readings) : await (features ??= gather(set, chosen, []));
    },
  };
}

/** The rows at ascending indices. */
async function gather(set: ImageRows, chosen: readonly number[], readings: readonly string[]): Promise<ShardRows> {
  const taken: ShardRows[] = [];
  let passed = 0;
  for await (const { images, rows, readings: more } of set.rows(readings)) {
    const own = chosen
      .filter((index) => index >= passed && index < passed + images.length)
      .map((index) => index - passed);
    const pick = (all: Rows) => rowsAt(all, own);
    const picked = new Map([...more].map(([key, each]) => [key, pick(each)]));
    if (own.length > 0) taken.push({ images: own.map((index) => images[index]!), rows: pick(rows), readings: picked });
    passed += images.length;
  }
  return {
    images: taken.flatMap(({ images }) => images),
    rows: joinRows(taken.map(({ rows }) => rows)),
    readings: new Map(readings.map((key) => [key, joinRows(taken.map((block) => block.readings.get(key)!))])),
  };
}

function rowsAt({ data, shape: [, width] }: Rows, indexes: readonly number[]): Rows {
  const chosen = new Float32Array(indexes.length * width);
  for (const [at, index] of indexes.entries())
    chosen.set(data.subarray(index * width, (index + 1) * width), at * width);
  return { data: chosen, shape: [indexes.length, width] };
}
