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

/** Options of a task executed on this machine. */
export interface TaskOptions {
  readonly builtIns: readonly BuiltIn[];
  /** Stops the task at the next batch. Rows computed so far are stored. */
  readonly signal?: AbortSignal;
  /** Called with the number of images just finished. */
  readonly done?: (images: number) => void;
  readonly logger?: Pick<Logger, 'warn'>;
}

const nothing = () => undefined;

/**
 * Executes a task in this process and its own workers, for executors that send tasks elsewhere. Rows that are already
 * in the store are not computed again; new rows are stored as they are computed.
 *
 * @throws FaroutError OOD_STORE_FAILED if the store lacks the graphs; otherwise any error of reading images or running graphs.
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

/** The images of a task. Images given by location are used directly; if any is not, the dataset is opened to find them all. */
async function imagesOf({ images, ...task }: ExtractionTask, catalogue: Catalogue): Promise<readonly DatasetImage[]> {
  const lies = ({ path, url }: TaskImage) => path !== undefined || url !== undefined;
  // `row` is an index into the listing, not into an array.
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

/** Without `split`, which belongs to the experiment: rows index the whole listing. */
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
 * Starts worker processes for this many images, with graphs that the store keeps under their hashes.
 *
 * @throws FaroutError OOD_STORE_FAILED if the store lacks one of them.
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
