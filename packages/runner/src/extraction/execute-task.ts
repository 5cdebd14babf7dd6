import {
  FaroutError,
  schemaOf,
  type ExtractionTask,
  type Logger,
  type TaskImage,
  type TaskOutcome,
} from '@farout/core';
import type { DatasetDefinition, DatasetImage } from '@farout/core';
import type { Catalogue } from '../plugins/catalogue.ts';
import { loadCatalogue, type BuiltIn } from '../plugins/load.ts';
import { Entries } from '../store/entries.ts';
import { openStore } from '../store/open-store.ts';
import { graphFile, storeFolder } from '../store/store.ts';
import { Claims } from './claims.ts';
import { fill } from './extract-dataset.ts';
import { FileIndex } from './file-index.ts';
import { checkImages } from './images.ts';
import { lookUp, type Extraction } from './look-up.ts';
import type { ReadingPool } from './open-pool.ts';
import { WorkerPool } from './pool.ts';
import { Shards } from './shards.ts';

/** How a task is executed here. */
export interface TaskOptions {
  readonly builtIns: readonly BuiltIn[];
  /** Stops the task at the next batch; the rows that it has are stored. */
  readonly signal?: AbortSignal;
  /** Is told how many images more are done. */
  readonly done?: (images: number) => void;
  readonly logger?: Pick<Logger, 'warn'>;
}

const nothing = () => undefined;

/**
 * Executes a task in this process and workers of its own: for executors that send tasks elsewhere. What the store has by now is not
 * computed again; rows are left in the store as they come.
 *
 * @throws FaroutError OOD_STORE_FAILED when the store has not the graphs; what reading and running throw.
 */
export async function executeTask(task: ExtractionTask, options: TaskOptions): Promise<TaskOutcome> {
  const { builtIns, signal = new AbortController().signal, done = nothing, logger = { warn: nothing } } = options;
  const plugins = task.plugins.map((specifier) => ({ specifier, folder: storeFolder(task) }));
  const catalogue = await loadCatalogue({ builtIns, plugins });
  const store = await openStore({ store: task.store, services: catalogue.services });
  const entries = new Entries({ store, logger });
  const images = await imagesOf(task, catalogue);
  let pool: Promise<ReadingPool> | undefined;
  const keys = task.graphs.flatMap(({ outputs }) => Object.values(outputs));
  const extraction: Extraction = {
    index: new FileIndex(entries),
    claims: new Claims(store, logger),
    shards: new Map(keys.map((key) => [key, new Shards(entries, key)])),
    pool: () => (pool ??= openStored(task, task.images.length, { entries, logger })),
    progress: { start: nothing, advance: done, stop: nothing },
    signal,
    onUnreadable: 'skip',
  };
  try {
    const fillings = await lookUp(task.dataset, [{ place: task.place, images }], extraction);
    const read = await fill(task.dataset, fillings, extraction);
    const [{ left }] = fillings as [(typeof fillings)[number]];
    const passing = task.images.flatMap(({ row }, at) =>
      left[at]?.passing ? [{ row, reason: left[at].unreadable }] : [],
    );
    return { read, left: passing };
  } finally {
    await (await pool?.catch(() => undefined))?.workers.close();
  }
}

/** The images of a task: those that lie somewhere as it says, others out of the dataset, which is opened for them. */
async function imagesOf({ images, ...task }: ExtractionTask, catalogue: Catalogue): Promise<readonly DatasetImage[]> {
  const lies = ({ path, url }: TaskImage) => path !== undefined || url !== undefined;
  // The row is the listing's: it says nothing of arrays.
  if (images.every(lies))
    return checkImages(
      task.dataset,
      images.map((image) => ({ ...image, row: undefined })),
    );
  const listing = await listingOf(task, catalogue);
  return images.map(({ row, id }) => {
    if (listing[row]?.id === id) return listing[row];
    throw new FaroutError(
      'OOD_DATASET_INVALID',
      `on this machine, number ${row} of the dataset is not the image "${id}"`,
      {
        fix: 'Give all machines the same files.',
      },
    );
  });
}

async function listingOf({ dataset, source }: Omit<ExtractionTask, 'images'>, catalogue: Catalogue) {
  const [[kind, written]] = Object.entries(source) as [[string, Record<string, unknown>]];
  const definition = catalogue.find('dataset', kind)?.definition;
  if (!definition)
    throw new FaroutError('OOD_UNKNOWN_DATASET', `no plugin of the task provides the dataset kind "${kind}"`);
  return checkImages(dataset, (await definition.open(parametersOf(definition, written))).images);
}

/** The split is the experiment's: rows count the whole listing. */
function parametersOf(
  definition: DatasetDefinition,
  written: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { shape } = schemaOf(definition);
  return schemaOf(definition).parse(
    Object.fromEntries(Object.entries(written).filter(([key]) => Object.hasOwn(shape, key))),
  );
}

/**
 * Starts processes with graphs that lie in the store by their hash, for so many images.
 *
 * @throws FaroutError OOD_STORE_FAILED when one does not.
 */
export async function openStored(
  { graphs, store, recipe, device }: Pick<ExtractionTask, 'graphs' | 'store' | 'recipe' | 'device'>,
  images: number,
  { entries, logger }: { readonly entries: Entries; readonly logger: Pick<Logger, 'warn'> },
): Promise<ReadingPool> {
  const models: string[] = [];
  const outputs = new Map<string, { readonly graph: number; readonly output: string }>();
  for (const [graph, { hash, outputs: named }] of graphs.entries()) {
    const bytes = await entries.readBytes(`graphs/${hash}.onnx`, hash);
    if (!bytes)
      throw new FaroutError('OOD_STORE_FAILED', `the store has no graph ${hash}`, {
        fix: 'Run the experiment again: it writes the graph.',
      });
    models.push(await graphFile(storeFolder({ store }), { bytes: [bytes], hash }, logger));
    for (const [output, key] of Object.entries(named)) outputs.set(key, { graph, output });
  }
  const workers = new WorkerPool({ models, device, recipe }, images);
  try {
    await workers.open(nothing);
    return { workers, outputs };
  } catch (error) {
    await workers.close();
    throw error;
  }
}
