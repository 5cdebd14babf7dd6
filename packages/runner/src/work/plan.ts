import type { Services } from '../container.ts';
import type { Experiment } from '../experiment.ts';
import { Claims } from '../extraction/claims.ts';
import { costOf, type Cost } from '../extraction/cost.ts';
import { FileIndex } from '../extraction/file-index.ts';
import { uniqueReadings } from '../extraction/graphs.ts';
import type { Wanted } from '../extraction/refused.ts';
import { Shards } from '../extraction/shards.ts';
import { openExperiment } from '../open-experiment.ts';
import { Entries } from '../store/entries.ts';
import { writeList } from './listings.ts';
import { experimentMark } from './mark.ts';
import { readRecord, readWave, recordsKey } from './records.ts';
import { withLoaded, type SharedRequest } from './request.ts';
import { imagesIn } from './share.ts';
import { stretchesOf, Stretches, type Stretch } from './stretches.ts';
import { wantedFirst } from './wanted.ts';

/** What the first pass over an experiment's images would do. */
export interface WorkPlan {
  readonly datasets: readonly DatasetPlan[];
  /** The readings, by their names in messages. */
  readonly readings: readonly string[];
  readonly stretches: number;
  readonly missing: number;
  readonly images: number;
  readonly imagesMissing: number;
  readonly cost: Cost;
  /** Estimated from the mean speed of the latest tasks; absent if there were none. */
  readonly speed?: { readonly imagesPerSecondOfTask: number; readonly tasks: number; readonly seconds: number };
}

/** The plan of one dataset. */
export interface DatasetPlan {
  readonly name: string;
  readonly images: number;
  readonly readings: number;
  readonly stretches: number;
  readonly missing: number;
  /** Whether the store now has a list of its images; absent if no list was requested. */
  readonly listed?: boolean;
}

/** Options of a plan. */
export interface PlanRequest extends SharedRequest {
  /** Number of tasks to plan for; default: as many as last time, or one. */
  readonly tasks?: number | undefined;
  /** Whether to write the lists of images to the store, so that tasks need not list them. */
  readonly list?: boolean | undefined;
}

/**
 * Determines what tasks would read and how much of it is done, and on request writes the lists of images that tasks
 * share. Reads no image. What the second wave reads is known only once parts have learnt.
 */
export const planWork = (file: string, { list = false, tasks, ...request }: PlanRequest): Promise<WorkPlan> =>
  withLoaded(file, request, async ({ experiment, services, signal }) => {
    const opened = await openExperiment(experiment, services.progress);
    const wanted = opened.backbone.images.given
      ? new Map<string, Wanted>()
      : await wantedFirst({ experiment, ...opened, services, signal });
    const listed = list ? await writeLists(experiment, opened.datasets, services) : undefined;
    const datasets: DatasetPlan[] = [];
    let imagesMissing = 0;
    for (const [name, each] of wanted) {
      const all = stretchesOf(new Map([[name, each]]));
      const missing = await missingOf(all, experiment, services, signal);
      imagesMissing += imagesIn(missing);
      const isListed = listed && { listed: listed.has(name) };
      const count = { images: imagesIn(all), stretches: all.length, missing: missing.length };
      datasets.push({ name, ...count, readings: each.readings.length, ...isListed });
    }
    const sum = (of: (dataset: DatasetPlan) => number) => datasets.reduce((total, each) => total + of(each), 0);
    const speed = await speedOf(experiment, { services, imagesMissing, tasks });
    return {
      datasets,
      readings: uniqueReadings([...wanted.values()].flatMap(({ readings }) => readings)).map(({ what }) => what),
      stretches: sum((each) => each.stretches),
      missing: sum((each) => each.missing),
      images: sum((each) => each.images),
      imagesMissing,
      cost: await costOf(wanted.values(), experiment),
      ...(speed && { speed }),
    };
  });

async function writeLists(
  { datasets, file }: Experiment,
  opened: ReadonlyMap<string, Wanted['dataset']>,
  { store }: Services,
): Promise<ReadonlySet<string>> {
  const written = new Set<string>();
  for (const [name, part] of datasets) {
    if (await writeList(part, opened.get(name)!, { file, store })) written.add(name);
  }
  return written;
}

async function missingOf(
  all: readonly Stretch[],
  { onUnreadable }: Experiment,
  services: Services,
  signal: AbortSignal,
): Promise<readonly Stretch[]> {
  const entries = new Entries(services);
  const keys = new Set(all.flatMap(({ readings }) => readings));
  const shards = new Map([...keys].map((key) => [key, new Shards(entries, key)]));
  const claims = new Claims(services.store, services.logger);
  const stretches = new Stretches(all, { index: new FileIndex(entries), shards, claims, signal, onUnreadable });
  const missing: Stretch[] = [];
  for (const [number, stretch] of all.entries()) {
    signal.throwIfAborted();
    if (!(await stretches.isDone(number))) missing.push(stretch);
  }
  return missing;
}

async function speedOf(
  experiment: Experiment,
  { services, imagesMissing, tasks }: { services: Services; imagesMissing: number; tasks: number | undefined },
): Promise<WorkPlan['speed']> {
  const entries = new Entries(services);
  const folder = recordsKey(experimentMark(experiment), 'features');
  const last = await readWave(entries, folder);
  const speeds: number[] = [];
  for (let index = 0; index < (last?.tasks ?? 0); index++) {
    const record = await readRecord(entries, folder, { index, of: last!.tasks });
    if (record && record.images > 0 && record.said > record.began)
      speeds.push(record.images / ((record.said - record.began) / 1000));
  }
  if (speeds.length === 0) return undefined;
  const mean = speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
  const count = tasks ?? last!.tasks;
  return { imagesPerSecondOfTask: mean, tasks: count, seconds: imagesMissing / mean / count };
}
