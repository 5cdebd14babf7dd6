import { FaroutError, type FailedDetector } from '@farout/core';
import { refuseMachineFault } from '../plugins/failure.ts';
import type { ImagePass } from './extract.ts';
import { featuresWhat, readingGraph, uniqueReadings, type Reading } from './graphs.ts';
import type { ListedDataset } from './look-up.ts';
import { tryGraph } from './trials.ts';

/** What to read of a dataset's images. */
export interface Wanted {
  readonly dataset: ListedDataset;
  readonly readings: readonly Reading[];
}

/** The result of a pass. */
export interface PassResult {
  /** How many images were decoded. */
  readonly read: number;
  /** Readings whose graph onnxruntime does not open or run, by key, with its error. */
  readonly refused: ReadonlyMap<string, unknown>;
}

/**
 * Reads what is wanted of images by calling `read`, which returns how many it read, and leaves out readings that onnxruntime
 * refuses. After a failure each graph is tried alone to find the ones that cannot be opened or run; the others are then read.
 *
 * @throws the error of `read` if no reading other than the features is to blame
 */
export async function withoutRefused(
  wanted: ReadonlyMap<string, Wanted>,
  pass: ImagePass,
  read: (wanted: ReadonlyMap<string, Wanted>) => Promise<number>,
): Promise<PassResult> {
  const refused = new Map<string, unknown>();
  let count = 0;
  for (;;) {
    try {
      return { read: count + (await read(without(wanted, refused))), refused };
    } catch (error) {
      refuseOthers(error, pass);
      const found = await refusals(wanted, refused, pass);
      const alone = found.size > 0 ? { read: 0, refused: found } : await oneByOne(without(wanted, refused), pass, read);
      if (alone.refused.size === 0) throw error;
      count += alone.read;
      for (const [key, reason] of alone.refused) refused.set(key, reason);
    }
  }
}

/**
 * The graphs run on noise but fail on some image: reads each reading separately, after the features. Results stay in the store.
 *
 * @throws the error of the features
 */
async function oneByOne(
  wanted: ReadonlyMap<string, Wanted>,
  pass: ImagePass,
  read: (wanted: ReadonlyMap<string, Wanted>) => Promise<number>,
): Promise<PassResult> {
  const all = uniqueReadings([...wanted.values()].flatMap(({ readings }) => readings));
  const refused = new Map<string, unknown>();
  const [features, others] = [all.filter(isFeatures), all.filter((reading) => !isFeatures(reading))];
  if (others.length === 0) return { read: 0, refused };
  let count = features.length > 0 ? await read(chosen(wanted, isFeatures)) : 0;
  for (const { key } of others) {
    const one = chosen(wanted, (reading) => reading.key === key || isFeatures(reading));
    try {
      count += await read(one);
    } catch (error) {
      refuseOthers(error, pass);
      refused.set(key, error);
    }
  }
  return { read: count, refused };
}

const isFeatures = ({ what }: Reading) => what === featuresWhat;

/** @throws any error that no graph is to blame for */
function refuseOthers(error: unknown, { signal }: ImagePass): void {
  signal.throwIfAborted();
  refuseMachineFault(error);
  if (!(error instanceof FaroutError) || !ofGraphs.has(error.code)) throw error;
}

/** What is wanted, without the readings that onnxruntime refuses. */
const without = (wanted: ReadonlyMap<string, Wanted>, refused: ReadonlyMap<string, unknown>) =>
  chosen(wanted, ({ key }) => !refused.has(key));

const chosen = (wanted: ReadonlyMap<string, Wanted>, is: (reading: Reading) => boolean): ReadonlyMap<string, Wanted> =>
  new Map([...wanted].map(([name, { dataset, readings }]) => [name, { dataset, readings: readings.filter(is) }]));

/**
 * The readings that caused a pass to fail: each graph is tried alone in a separate process. Empty if the features
 * themselves fail, or if all graphs run.
 */
async function refusals(
  wanted: ReadonlyMap<string, Wanted>,
  known: ReadonlyMap<string, unknown>,
  { experiment, services: { device } }: ImagePass,
): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  const all = new Map(
    [...wanted.values()].flatMap(({ readings }) => readings.map((each) => [each.key, each] as const)),
  );
  for (const reading of all.values()) {
    if (isFeatures(reading) || known.has(reading.key)) continue;
    try {
      await tryGraph(reading.what, readingGraph([reading], device), experiment.backbone.params.crop, device);
    } catch (reason) {
      found.set(reading.key, reason);
    }
  }
  return found;
}

/** Errors with which a pass fails if a graph cannot be opened or run. */
const ofGraphs: ReadonlySet<FailedDetector['code']> = new Set([
  'OOD_ONNX_REFUSED',
  'OOD_WORKER_DIED',
  'OOD_DEVICE_UNAVAILABLE',
]);
