import { FaroutError } from '@farout/core';
import { recipeVersion } from '@farout/images';
import { onnxruntimeVersion } from '@farout/runtime';
import type { Services } from '../container.ts';
import type { Experiment } from '../experiment.ts';
import { settled } from '../plugins/failure.ts';
import { Entries, hashData } from '../store/entries.ts';
import { noteExtraction, type ExtractionNote } from '../store/groups.ts';
import { graphFile, storeFolder } from '../store/store.ts';
import { extractDataset } from './extract-dataset.ts';
import type { GraphParts } from './graphs.ts';
import { cutListing, FileIndex, type Cut, type Extraction, type ListedDataset } from './look-up.ts';
import { WorkerPool } from './pool.ts';
import { RowSet } from './row-set.ts';
import { Shards } from './shards.ts';

/** A graph that workers run over images, and what they run it with. */
export interface ImagePass {
  readonly experiment: Experiment;
  readonly graph: { readonly bytes: GraphParts; readonly hash: string };
  readonly services: Pick<Services, 'store' | 'logger' | 'progress' | 'device'>;
  readonly signal: AbortSignal;
  /** The detector whose scores the graph gives; absent for the features. */
  readonly detector?: string;
}

/** A hash of all that decides what a graph makes of an image besides the image itself. */
export function extractionKey(
  { experiment, services }: Pick<ImagePass, 'experiment' | 'services'>,
  hash: string,
): string {
  const { resize, crop } = experiment.backbone.params;
  return hashData([hash, resize, crop, recipeVersion, services.device, onnxruntimeVersion]);
}

/**
 * Images → what the graph makes of them, once per dataset. The worker processes live as long as this stage; a set whose
 * rows the store loses later on starts others.
 */
export async function extract(
  datasets: ReadonlyMap<string, ListedDataset>,
  pass: ImagePass,
): Promise<Map<string, RowSet>> {
  const { services, detector } = pass;
  const entries = new Entries(services);
  const shards = new Shards(entries, extractionKey(pass, pass.graph.hash));
  const shared = {
    index: new FileIndex(entries),
    shards,
    progress: services.progress,
    signal: pass.signal,
    onUnreadable: pass.experiment.onUnreadable,
  };
  const stage = (name: string) => (detector === undefined ? name : `${detector}, ${name}`);
  const again = (name: string) => (cut: Cut) =>
    withPool(pass, cut.images.length, (pool) => extractDataset(stage(name), [cut], { ...shared, pool }));
  const sets = new Map<string, RowSet>();
  const listed = [...datasets.values()].reduce((sum, { images }) => sum + images.length, 0);
  await withPool(pass, listed, async (pool) => {
    for (const [name, dataset] of datasets) {
      const { cuts, read } = await extractDataset(stage(name), cutListing(dataset), { ...shared, pool });
      sets.set(name, notEmpty(name, new RowSet({ shards, again: again(name) }, cuts, read)));
    }
  });
  sayWhenAllIsThere(sets, pass);
  return sets;
}

/** Work with worker processes that are started when they are asked for, and end with it. */
async function withPool<T>(
  pass: ImagePass,
  images: number,
  work: (pool: Extraction['pool']) => Promise<T>,
): Promise<T> {
  let pool: Promise<WorkerPool> | undefined;
  const close = async () => (await pool)?.close();
  const stop = closeSoonAfter(pass.signal, close);
  try {
    return await work(() => (pool ??= openPool(pass, images)));
  } finally {
    stop();
    await close();
  }
}

/** How long the batch under way may take once the run is told to stop, in milliseconds. */
const grace = 3000;

/**
 * Ends the workers a while after the signal: one that stands still, as under a debugger or in a frozen group, would be waited for
 * without end. Gives what calls it off.
 */
function closeSoonAfter(signal: AbortSignal, close: () => Promise<unknown>): () => void {
  let timer: NodeJS.Timeout | undefined;
  // Whoever waits for a batch of these workers hears of their end.
  const wait = () => (timer = setTimeout(() => void close().catch(() => undefined), grace));
  signal.addEventListener('abort', wait, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', wait);
  };
}

async function openPool({ experiment, services, graph, signal }: ImagePass, images: number): Promise<WorkerPool> {
  const { progress, device } = services;
  const model = await graphFile(storeFolder(experiment), graph, services.logger);
  const entries = new Entries(services);
  await noteExtraction(entries, extractionKey({ experiment, services }, graph.hash), noteOf(experiment, services));
  const { resize, crop } = experiment.backbone.params;
  const pool = new WorkerPool({ model, device, recipe: { resize, crop } }, images);
  progress.start('Loading the network', pool.size, 0, 'processes');
  try {
    await settled(
      pool.open(() => progress.advance(1)),
      signal,
    );
  } catch (error) {
    await pool.close();
    throw error;
  } finally {
    progress.stop();
  }
  return pool;
}

function sayWhenAllIsThere(sets: ReadonlyMap<string, RowSet>, { services, detector }: ImagePass): void {
  const all = [...sets.values()];
  if (all.some(({ read }) => read > 0)) return;
  const images = all.reduce((sum, { listed }) => sum + listed, 0);
  services.logger.info(`${detector === undefined ? '' : `${detector}: `}0 images read, all ${images} in the store.`);
}

function noteOf({ name, backbone }: Experiment, { device }: ImagePass['services']): ExtractionNote {
  const { resize, crop } = backbone.params;
  const network = backbone.definition.name;
  return { network, experiment: name, resize, crop, device, onnxruntime: onnxruntimeVersion };
}

function notEmpty(name: string, set: RowSet): RowSet {
  if (set.images.length > 0) return set;
  const [first] = set.unreadable;
  throw new FaroutError(
    'OOD_NO_IMAGES_LEFT',
    `no image of the dataset "${name}" can be read; ${first!.image}: ${first!.reason}`,
  );
}
