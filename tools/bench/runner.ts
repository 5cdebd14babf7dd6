// Everything that the benchmarks use of the runner's internals.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pixelsInput, rowsOutput } from '../../packages/runner/src/extraction/batch.ts';
import { Claims } from '../../packages/runner/src/extraction/claims.ts';
import { fill } from '../../packages/runner/src/extraction/extract-dataset.ts';
import { FileIndex } from '../../packages/runner/src/extraction/file-index.ts';
import { cutListing, lookUp, type Extraction } from '../../packages/runner/src/extraction/look-up.ts';
import { WorkerPool, type Batch } from '../../packages/runner/src/extraction/pool.ts';
import { readableOf, readImage } from '../../packages/runner/src/extraction/read-image.ts';
import { Shards } from '../../packages/runner/src/extraction/shards.ts';
import { Entries } from '../../packages/runner/src/store/entries.ts';
import { FileStore } from '../../packages/runner/src/store/store.ts';
import { builtIns } from '../../packages/cli/src/built-ins.ts';
import type { DatasetImage } from '@farout/core';
import { loadExperiment } from '../../packages/runner/src/config/load.ts';
import { Stopwatch, withServices } from '../../packages/runner/src/container.ts';
import type { ImageSet } from '../../packages/runner/src/extraction/row-set.ts';
import { ForeignFiles } from '../../packages/runner/src/extraction/trials.ts';
import type { FittedDetector } from '../../packages/runner/src/fit/rows.ts';
import { prepareDetectors } from '../../packages/runner/src/prepare-detectors.ts';
import { openBackbone, withGiven } from '../../packages/runner/src/prepare/backbone.ts';
import { openDatasets } from '../../packages/runner/src/prepare/datasets.ts';
import { planScores, scoreDataset, Scoring } from '../../packages/runner/src/score/on-features.ts';
import { scoreRows, type RowScoringContext } from '../../packages/runner/src/score/on-rows.ts';
import { recipe } from './photographs.ts';

export {
  featureGraph,
  featuresOf,
  featuresWhat,
  gradientBatch,
  imageAccess,
  readingGraph,
  type Reading,
} from '../../packages/runner/src/extraction/graphs.ts';
export { openOnnx } from '../../packages/runner/src/prepare/backbone.ts';
export { pixelsInput };

/** How many images go through a graph at once. */
export const batchSize = 8;

/** The worker processes of an extraction, open and warm. */
export interface Pipeline {
  /** The number of processes. */
  readonly size: number;
  /** Extracts features of these JPEG files, in batches; resolves when all are done. */
  readonly extract: (files: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts the worker processes of an extraction with a feature graph. */
export function openPipeline(model: string): Pipeline {
  const pool = new WorkerPool({ models: [model], device: 'cpu', recipe }, Infinity);
  return {
    size: pool.size,
    extract: async (files) => {
      for await (const [, { images }] of pool.map(inBatches(files))) {
        if (images.some(({ unreadable }) => unreadable !== undefined)) throw new Error('a photograph is unreadable');
      }
    },
    close: () => pool.close(),
  };
}

async function* inBatches(files: readonly string[]): AsyncGenerator<Batch> {
  for (let i = 0; i < files.length; i += batchSize) {
    yield await Promise.resolve({ images: files.slice(i, i + batchSize).map((path) => ({ path })), graphs: [0] });
  }
}

/** Extracts the features of these files as a run does, store and all, into a temporary folder. */
export async function extractIntoStore(model: string, files: readonly string[]): Promise<void> {
  const images = files.map((path, i) => ({ id: String(i), path }));
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-bench-'));
  const services = { store: new FileStore(folder), logger: { warn: console.warn } };
  const entries = new Entries(services);
  const pool = new WorkerPool({ models: [model], device: 'cpu', recipe }, Infinity);
  const extraction: Extraction = {
    index: new FileIndex(entries),
    claims: new Claims(services.store, services.logger),
    shards: new Map([['bench', new Shards(entries, 'bench')]]),
    pool: () => Promise.resolve({ workers: pool, outputs: new Map([['bench', { graph: 0, output: rowsOutput }]]) }),
    progress: { start: () => undefined, advance: () => undefined, stop: () => undefined },
    signal: new AbortController().signal,
    onUnreadable: 'fail',
  };
  try {
    await fill('photographs', await lookUp('photographs', cutListing({ images }), extraction), extraction);
  } finally {
    await pool.close();
    await rm(folder, { recursive: true });
  }
}

/** Reads an image like a run, without decoding. */
export const readBytes = async (image: DatasetImage) => readImage(await readableOf(image));

/** An experiment on features with fitted detectors, ready to score. The store keeps what several detectors share in fitting. */
export interface ReadyDetectors {
  readonly detectors: readonly FittedDetector[];
  readonly sets: ReadonlyMap<string, ImageSet>;
  readonly context: RowScoringContext;
  /** CPU seconds of fitting. */
  readonly fitSeconds: number;
}

/** Opens an experiment in YAML or JSON and fits its detectors; none may fail. */
export async function readyDetectors(file: string): Promise<ReadyDetectors> {
  const nothing = () => undefined;
  const quiet = {
    logger: { info: nothing, warn: nothing },
    progress: { start: nothing, advance: nothing, stop: nothing },
  };
  const experiment = await loadExperiment({ file, set: [], cwd: path.dirname(file), env: {}, builtIns });
  return withServices(experiment, quiet, async (services, _, signal) => {
    const files = new ForeignFiles();
    const [opened, datasets] = [await openBackbone(experiment, files), await openDatasets(experiment)];
    await files.close();
    const backbone = withGiven(opened, datasets);
    const watch = new Stopwatch({ now: cpuMilliseconds });
    const prepared = await prepareDetectors({ backbone, datasets, experiment, services, watch, signal });
    const [failed] = prepared.failed;
    if (failed) throw new Error(`${failed.detector}: ${failed.message}`);
    const context = { network: prepared.fitting.network, seed: experiment.seed, signal };
    return { detectors: prepared.fitted, sets: prepared.sets, context, fitSeconds: watch.seconds.fit ?? 0 };
  });
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Opens the graph of detectors over stored rows; it scores a set. */
export async function openScoring({ detectors, sets, context: { network, signal } }: ReadyDetectors) {
  const scoring = await Scoring.open(planScores(detectors, network), network);
  return {
    score: async (set: string) => {
      const { scores } = await scoreDataset(sets.get(set)!, scoring, signal);
      if (scores.size < detectors.length) throw new Error(`${scores.size} of ${detectors.length} detectors scored`);
    },
    close: () => scoring.release(),
  };
}

/** Scores a set with a single detector, over rows. */
export async function scoreByRows(
  { detectors: [detector], sets, context }: ReadyDetectors,
  set: string,
): Promise<void> {
  await scoreRows(detector!, new Map([[set, sets.get(set)!]]), context);
}
