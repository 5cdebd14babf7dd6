import { pixelRecipe } from '@farout/images';
import { onnxruntimeVersion } from '@farout/runtime';
import type { Experiment } from '../experiment.ts';
import { settled } from '../plugins/failure.ts';
import { Entries, hashBytes } from '../store/entries.ts';
import { noteReading, type ReadingNote } from '../store/groups.ts';
import { graphFile, storeFolder } from '../store/store.ts';
import type { ImagePass } from './extract.ts';
import { graphsOf, outputOf, readingGraph, type Reading } from './graphs.ts';
import type { Extraction } from './look-up.ts';
import { WorkerPool } from './pool.ts';

/** Workers, and which of their graphs and outputs computes which reading. */
export interface ReadingPool {
  readonly workers: WorkerPool;
  /** By the reading's key. */
  readonly outputs: ReadonlyMap<string, { readonly graph: number; readonly output: string }>;
}

/** Runs `work` with worker processes that are started on first use and end with it. */
export const withPool = <T>(
  pass: ImagePass,
  readings: readonly Reading[],
  images: number,
  work: (pool: Extraction['pool']) => Promise<T>,
): Promise<T> => withOpened(pass.signal, () => openPool(pass, readings, images), work);

/** The same, with processes started by `open`. */
export async function withOpened<T>(
  signal: AbortSignal,
  open: () => Promise<ReadingPool>,
  work: (pool: Extraction['pool']) => Promise<T>,
): Promise<T> {
  let pool: Promise<ReadingPool> | undefined;
  const close = async () => (await pool?.catch(() => undefined))?.workers.close();
  const stop = closeSoonAfter(signal, close);
  try {
    return await work(() => (pool ??= open()));
  } finally {
    stop();
    await close();
  }
}

/** How long the current batch may take after the run is told to stop, in milliseconds. */
const grace = 3000;

/**
 * Ends the workers some time after the abort signal: waiting for one that is stopped, as in a debugger or a frozen
 * cgroup, would never end. Returns a function that cancels this.
 */
function closeSoonAfter(signal: AbortSignal, close: () => Promise<unknown>): () => void {
  let timer: NodeJS.Timeout | undefined;
  // Code waiting for a batch of these workers gets an error when they end.
  const wait = () => (timer = setTimeout(() => void close().catch(() => undefined), grace));
  signal.addEventListener('abort', wait, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', wait);
  };
}

async function openPool(
  { experiment, services, signal }: ImagePass,
  readings: readonly Reading[],
  images: number,
): Promise<ReadingPool> {
  const { progress, device } = services;
  const entries = new Entries(services);
  const graphs = graphsOf(readings);
  const models: string[] = [];
  for (const graph of graphs) {
    const bytes = readingGraph(graph, device);
    models.push(await graphFile(storeFolder(experiment), { bytes, hash: hashBytes(bytes) }, services.logger));
  }
  for (const { key, what } of readings) await noteReading(entries, key, { ...noteOf(experiment, services), what });
  const workers = new WorkerPool({ models, device, recipe: pixelRecipe(experiment.backbone.params) }, images);
  progress.start('Loading the network', workers.size, 0, 'processes');
  try {
    await settled(
      workers.open(() => progress.advance(1)),
      signal,
    );
  } catch (error) {
    await workers.close();
    throw error;
  } finally {
    progress.stop();
  }
  const outputs = graphs.flatMap((graph, index) =>
    graph.map((reading) => [reading.key, { graph: index, output: outputOf(reading) }] as const),
  );
  return { workers, outputs: new Map(outputs) };
}

/** How readings were made, for people who inspect the store. */
export function noteOf({ name, backbone }: Experiment, { device }: ImagePass['services']): Omit<ReadingNote, 'what'> {
  const network = backbone.definition.name;
  return { network, experiment: name, ...pixelRecipe(backbone.params), device, onnxruntime: onnxruntimeVersion };
}
