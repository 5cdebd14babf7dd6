import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { z } from '@farout/core';
import { hashData, type Entries } from '../store/entries.ts';
import type { Task } from './sharing.ts';

const recordSchema = z.object({
  /** The first stretch that the task has not reached. */
  reached: z.int().min(0),
  from: z.int().min(0),
  to: z.int().min(0),
  /** How many images it has read, its own and others', and how many of the images it came across were left out. */
  images: z.int().min(0),
  left: z.int().min(0),
  /** When it began and when this was written, by its own clock, in milliseconds since 1970. */
  began: z.number(),
  said: z.number(),
  host: z.string(),
  process: z.number(),
  state: z.enum(['working', 'done', 'failed', 'stopped']),
});

/** The progress of a task, as recorded by itself. */
export type TaskRecord = z.output<typeof recordSchema>;

const helpSchema = z.int().min(0);
const waveSchema = z.object({
  tasks: z.int().min(1).max(1_000_000),
  stretches: z.int().min(0),
  images: z.int().min(0),
});

/** What all tasks of a wave divide among them, as recorded by the task that began last. */
export type WaveRecord = z.output<typeof waveSchema>;

/** Where the records of a wave's tasks are stored, by the experiment's mark and the wave. */
export const recordsKey = (mark: string, wave: string): string => `work/${hashData([mark, wave])}`;

/** What a wave was last begun with; undefined before the first task. */
export const readWave = (entries: Entries, folder: string): Promise<WaveRecord | undefined> =>
  entries.readJson(`${folder}/tasks.json`, waveSchema);

/** The latest record of a task. */
export const readRecord = (entries: Entries, folder: string, task: Task): Promise<TaskRecord | undefined> =>
  entries.readJson(`${folder}/${nameOf(task)}.json`, recordSchema);

const nameOf = ({ index, of }: Task) => `${index}-of-${of}`;

/** The first stretch of those that helpers have taken from a task's end; undefined if there are none. */
export const readHelp = (entries: Entries, folder: string, task: Task): Promise<number | undefined> =>
  entries.readJson(`${folder}/${nameOf(task)}-helped.json`, helpSchema);

/** A task's record is written at most this often, in milliseconds. */
const saidEvery = 10_000;

/** What a task's records describe. */
interface Recorded {
  readonly folder: string;
  readonly task: Task;
  readonly range: readonly [from: number, to: number];
  /** What all tasks divide among them. */
  readonly images: number;
  readonly stretches: number;
}

/**
 * Records of tasks in the store, for tasks that help them and for `farout status`. They are only hints: no result depends on them.
 */
export class TaskRecords {
  readonly #entries: Entries;
  readonly #folder: string;
  readonly #task: Task;
  readonly #wave: WaveRecord;
  readonly #now: () => number;
  #record: TaskRecord;

  constructor(
    entries: Entries,
    { folder, task, range: [from, to], images, stretches }: Recorded,
    now: () => number = Date.now,
  ) {
    this.#entries = entries;
    this.#folder = folder;
    this.#task = task;
    this.#wave = { tasks: task.of, stretches, images };
    this.#now = now;
    const who = { host: hostname(), process: process.pid };
    const count = { images: 0, left: 0 };
    this.#record = { reached: from, from, to, ...count, began: now(), said: -Infinity, ...who, state: 'working' };
  }

  /** Records that the task begins, and what is divided. */
  async begin(): Promise<void> {
    const known = await readWave(this.#entries, this.#folder);
    if (!isDeepStrictEqual(known, this.#wave)) await this.#entries.writeJson(`${this.#folder}/tasks.json`, this.#wave);
    await this.#say();
  }

  /** Records that the task has reached a stretch. */
  async reach(stretch: number): Promise<void> {
    this.#record = { ...this.#record, reached: stretch };
    if (stretch === this.#record.to || this.#now() - this.#record.said >= saidEvery) await this.#say();
  }

  /** Counts images that were read or left out. */
  count({ images = 0, left = 0 }: Partial<Pick<TaskRecord, 'images' | 'left'>>): void {
    this.#record = { ...this.#record, images: this.#record.images + images, left: this.#record.left + left };
  }

  /** Records that the task has ended. */
  async end(state: TaskRecord['state']): Promise<void> {
    this.#record = { ...this.#record, state };
    await this.#say();
  }

  /** The first stretch that another task has not reached, by its latest record; 0 if it has none. */
  async reachedBy(index: number): Promise<number> {
    return (await readRecord(this.#entries, this.#folder, { ...this.#task, index }))?.reached ?? 0;
  }

  /** The first stretch of those that helpers have taken from another task's end; its end if there are none. */
  async helpedDownTo(index: number, end: number): Promise<number> {
    return (await readHelp(this.#entries, this.#folder, { ...this.#task, index })) ?? end;
  }

  /** Records that helpers have come down to a stretch. */
  helpDownTo(index: number, stretch: number): Promise<void> {
    return this.#entries.writeJson(this.#helpKey(index), stretch);
  }

  async #say(): Promise<void> {
    this.#record = { ...this.#record, said: this.#now() };
    await this.#entries.writeJson(`${this.#folder}/${nameOf(this.#task)}.json`, this.#record);
  }

  #helpKey(index: number): string {
    return `${this.#folder}/${nameOf({ ...this.#task, index })}-helped.json`;
  }
}
