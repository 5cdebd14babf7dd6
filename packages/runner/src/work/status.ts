import { Entries } from '../store/entries.ts';
import { experimentMark } from './mark.ts';
import { readHelp, readRecord, readWave, recordsKey, type TaskRecord } from './records.ts';
import { withLoaded, type SharedRequest } from './request.ts';
import { rangeOf } from './sharing.ts';
import { waves, type WaveName } from './work.ts';

/** The progress of a task, as recorded by itself and its helpers. */
export interface TaskStatus {
  /** Counted from 0. */
  readonly task: number;
  /** `waiting`: it has not begun. */
  readonly state: TaskRecord['state'] | 'waiting';
  readonly stretches: number;
  /** How many of its stretches have been taken, by it or by helpers. */
  readonly done: number;
  /** How many images it has read, its own and others', and how many of the images it came across were left out. */
  readonly images: number;
  readonly left: number;
  readonly imagesPerSecond: number | undefined;
  /** Its host, and how many seconds ago its record was written, by the clocks of both hosts. */
  readonly host: string | undefined;
  readonly heard: number | undefined;
}

/** The progress of the tasks of a wave. */
export interface WaveStatus {
  readonly wave: WaveName;
  readonly stretches: number;
  readonly done: number;
  readonly images: number;
  readonly failed: number;
  /** Total of the tasks that are working. */
  readonly imagesPerSecond: number;
  readonly secondsLeft: number | undefined;
  readonly tasks: readonly TaskStatus[];
}

/** How many records are requested at once. */
const atOnce = 16;

/**
 * The progress of an experiment's tasks, for each wave that has begun, from their records in its store. Opens neither
 * the network nor datasets.
 */
export const workStatus = (file: string, request: SharedRequest): Promise<WaveStatus[]> =>
  withLoaded(file, request, async ({ experiment, services }) => {
    const entries = new Entries(services);
    const found: WaveStatus[] = [];
    for (const wave of waves) {
      const status = await statusOf(wave, recordsKey(experimentMark(experiment), wave), entries, services.clock.now());
      if (status) found.push(status);
    }
    return found;
  });

async function statusOf(
  wave: WaveName,
  folder: string,
  entries: Entries,
  now: number,
): Promise<WaveStatus | undefined> {
  const begun = await readWave(entries, folder);
  if (!begun) return undefined;
  const { tasks: of, stretches, images } = begun;
  const tasks: TaskStatus[] = [];
  for (let start = 0; start < of; start += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, of - start) }, (_, at) => start + at);
    tasks.push(...(await Promise.all(some.map((index) => taskStatus(entries, folder, { index, of }, stretches, now)))));
  }
  const sum = (each: (task: TaskStatus) => number) => tasks.reduce((total, task) => total + each(task), 0);
  const done = sum((task) => task.done);
  const imagesPerSecond = sum(({ state, imagesPerSecond: speed }) => (state === 'working' ? (speed ?? 0) : 0));
  const left = stretches === 0 ? 0 : images * (1 - done / stretches);
  const isFailed = ({ state }: TaskStatus) => state === 'failed';
  return {
    ...{ wave, stretches, done, images, imagesPerSecond, tasks },
    failed: tasks.filter(isFailed).length,
    secondsLeft: imagesPerSecond > 0 ? left / imagesPerSecond : undefined,
  };
}

async function taskStatus(
  entries: Entries,
  folder: string,
  task: { readonly index: number; readonly of: number },
  stretches: number,
  now: number,
): Promise<TaskStatus> {
  const [record, helped] = [await readRecord(entries, folder, task), await readHelp(entries, folder, task)];
  const [from, to] = rangeOf(task, stretches);
  const reached = Math.min(to, Math.max(from, record?.reached ?? from));
  const done = reached - from + (to - Math.max(reached, Math.min(to, helped ?? to)));
  const about = { task: task.index, stretches: to - from, done };
  if (!record)
    return {
      ...about,
      state: 'waiting',
      images: 0,
      left: 0,
      imagesPerSecond: undefined,
      host: undefined,
      heard: undefined,
    };
  const { state, images, left, host, began, said } = record;
  const seconds = (said - began) / 1000;
  const imagesPerSecond = images > 0 && seconds > 0 ? images / seconds : undefined;
  return { ...about, state, images, left, imagesPerSecond, host, heard: (now - said) / 1000 };
}
