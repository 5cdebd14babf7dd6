import { FaroutError, type Dataset } from '@farout/core';
import { recipeVersion } from '@farout/images';
import { onnxruntimeVersion } from '@farout/runtime';
import type { Services } from '../container.ts';
import type { Experiment } from '../experiment.ts';
import { extractDataset } from './extract-dataset.ts';
import { FeatureSet, shardSize } from './feature-set.ts';
import { FileIndex } from './file-index.ts';
import { ShardStore } from './shard-store.ts';
import { WorkerPool } from './worker-pool.ts';
import { Entries } from '../store/entries.ts';
import { noteExtraction, type ExtractionNote } from '../store/extraction-note.ts';
import { hashData } from '../store/hash.ts';
import { graphFile, storeFolder } from '../store/local-folder.ts';

/** A graph that workers run over images, and what they run it with. */
export interface ImagePass {
  readonly experiment: Experiment;
  readonly graph: { readonly bytes: Uint8Array; readonly hash: string };
  readonly services: Pick<Services, 'store' | 'logger' | 'progress' | 'device'>;
  readonly signal: AbortSignal;
  /** What the pass over a dataset is called while it goes on; its name when absent. */
  readonly stage?: (dataset: string) => string;
}

/** A hash of all that decides what a graph makes of an image besides the image itself. */
export function extractionKey(
  { experiment, services }: Pick<ImagePass, 'experiment' | 'services'>,
  hash: string,
): string {
  const { resize, crop } = experiment.backbone.params;
  return hashData([hash, resize, crop, recipeVersion, services.device, onnxruntimeVersion, shardSize]);
}

/** Images → what the graph makes of them, once per dataset; the worker processes live as long as this stage. */
export async function extract(
  datasets: ReadonlyMap<string, Dataset>,
  pass: ImagePass,
): Promise<Map<string, FeatureSet>> {
  const { experiment, graph, services, signal, stage = (name: string) => name } = pass;
  let pool: Promise<WorkerPool> | undefined;
  const close = async () => (await pool)?.close();
  const stop = closeSoonAfter(signal, close);
  const entries = new Entries(services);
  const extraction = {
    index: new FileIndex(entries),
    shards: new ShardStore(entries, extractionKey(pass, graph.hash)),
    pool: () => (pool ??= openPool(pass)),
    progress: services.progress,
    signal,
    onUnreadable: experiment.onUnreadable,
  };
  try {
    const sets = new Map<string, FeatureSet>();
    for (const [name, { images }] of datasets) {
      const { shards, read } = await extractDataset(stage(name), images, extraction);
      const set = new FeatureSet(services.store, shards, read);
      sets.set(name, notEmpty(name, set));
    }
    return sets;
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

async function openPool({ experiment, services, graph }: ImagePass): Promise<WorkerPool> {
  const model = await graphFile(storeFolder(experiment), graph, services.logger);
  const entries = new Entries(services);
  await noteExtraction(entries, extractionKey({ experiment, services }, graph.hash), noteOf(experiment, services));
  const { resize, crop } = experiment.backbone.params;
  return new WorkerPool({ model, device: services.device, recipe: { resize, crop } });
}

function noteOf({ name, backbone }: Experiment, { device }: ImagePass['services']): ExtractionNote {
  const { resize, crop } = backbone.params;
  const network = backbone.definition.name;
  return { network, experiment: name, resize, crop, device, onnxruntime: onnxruntimeVersion };
}

function notEmpty(name: string, set: FeatureSet): FeatureSet {
  if (set.images.length > 0) return set;
  const [first] = set.unreadable;
  throw new FaroutError(
    'OOD_NO_IMAGES_LEFT',
    `no image of the dataset "${name}" can be read; ${first!.image}: ${first!.reason}`,
  );
}
