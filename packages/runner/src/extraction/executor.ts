import {
  FaroutError,
  z,
  type DatasetImage,
  type Executor,
  type ExtractionTask,
  type TaskImage,
  type TaskOutcome,
} from '@farout/core';
import { pixelRecipe } from '@farout/images';
import { settled } from '../plugins/failure.ts';
import { hashBytes } from '../store/entries.ts';
import { storeFolder } from '../store/store.ts';
import type { Found, ImagePass } from './extract.ts';
import { graphsOf, outputOf, readingGraph, type Reading } from './graphs.ts';
import { lacking, type Filling, type ListedDataset } from './look-up.ts';

/** Writes the graphs of readings to the store, where the executor of a task finds them. */
export async function storedGraphs(
  readings: readonly Reading[],
  { services: { store, device } }: ImagePass,
): Promise<ExtractionTask['graphs']> {
  const graphs: ExtractionTask['graphs'][number][] = [];
  for (const graph of graphsOf(readings)) {
    const bytes = Buffer.concat(readingGraph(graph, device));
    const hash = hashBytes(bytes);
    if (!(await store.read(graphKey(hash)))) await store.write(graphKey(hash), bytes);
    graphs.push({ hash, outputs: Object.fromEntries(graph.map((reading) => [outputOf(reading), reading.key])) });
  }
  return graphs;
}

const graphKey = (hash: string) => `graphs/${hash}.onnx`;

/** Hands what a dataset lacks to an executor, one task per range of images. */
export async function execute(
  executor: Executor,
  { name, wanted, fillings }: Found,
  graphs: ExtractionTask['graphs'],
  pass: ImagePass,
): Promise<readonly TaskOutcome[]> {
  const { progress } = pass.services;
  const tasks = fillings.flatMap((filling) => taskOf(filling, wanted.dataset, { name, graphs, ...pass }) ?? []);
  if (tasks.length === 0) return [];
  const images = tasks.reduce((sum, task) => sum + task.images.length, 0);
  progress.start(name, images, 0);
  try {
    const at = { signal: pass.signal, done: (more: number) => progress.advance(more) };
    return checkedOutcomes(await settled(Promise.resolve(executor.run(tasks, at)), pass.signal));
  } finally {
    progress.stop();
  }
}

const outcomesSchema = z.array(
  z.object({
    read: z.int().min(0),
    left: z.array(z.object({ row: z.int().min(0), reason: z.string() })),
  }),
);

/** @throws FaroutError OOD_PLUGIN_FAILED if an executor does not return the outcomes of its tasks. */
function checkedOutcomes(outcomes: unknown): readonly TaskOutcome[] {
  const { data, error } = outcomesSchema.safeParse(outcomes);
  if (data) return data;
  throw new FaroutError(
    'OOD_PLUGIN_FAILED',
    `the executor does not return a list of { read, left }: ${z.prettifyError(error)}`,
  );
}

interface TaskContext extends ImagePass {
  readonly name: string;
  readonly graphs: ExtractionTask['graphs'];
}

function taskOf(
  filling: Filling,
  { images, listing = images }: ListedDataset,
  { name, graphs, experiment, services: { device } }: TaskContext,
): ExtractionTask | undefined {
  const rows = new Map(listing.map((image, row) => [image, row]));
  const { datasets, plugins } = experiment.resolved as Pick<ExtractionTask, 'plugins'> & {
    readonly datasets: Readonly<Partial<Record<string, ExtractionTask['source']>>>;
  };
  const source = datasets[name];
  const missing = filling.cut.images.filter((_, at) => lacking(filling, at).length > 0);
  // A generated set is processed here: no other process could open it.
  if (!source || missing.length === 0) return undefined;
  return {
    dataset: name,
    store: experiment.store ?? storeFolder(experiment),
    plugins,
    source,
    place: filling.cut.place,
    images: missing.map((image) => ({ row: rows.get(image)!, ...placeOf(image) })),
    recipe: pixelRecipe(experiment.backbone.params),
    device,
    graphs,
  };
}

/** How a task describes an image: its location, if others can read it there. */
function placeOf(image: DatasetImage): Omit<TaskImage, 'row'> {
  const { id } = image;
  if ('read' in image || 'pixels' in image || 'row' in image) return { id };
  const { offset, length } = image;
  const place = 'path' in image ? { path: image.path } : { url: image.url, version: image.version };
  return { id, ...place, ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) };
}

/** Records the images that an executor left out. */
export function noteLeft(
  fillings: readonly Filling[],
  { images, listing = images }: ListedDataset,
  outcomes: readonly TaskOutcome[],
): void {
  const reasons = new Map(
    outcomes.flatMap(({ left }) => left.map(({ row, reason }) => [listing[row], reason] as const)),
  );
  for (const { cut, left } of fillings) {
    for (const [at, image] of cut.images.entries()) {
      const reason = reasons.get(image);
      if (reason !== undefined) left[at] ??= { unreadable: reason, passing: true };
    }
  }
}
