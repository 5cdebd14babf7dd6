import { setTimeout } from 'node:timers/promises';
import type { TaskRecords } from './records.ts';

/** A task's number, `index`, counted from 0, and the number of tasks. */
export interface Task {
  readonly index: number;
  readonly of: number;
}

/** What happened to a stretch that a task asked for: it is now the task's, it is complete, or another process is working on it. */
export type Taken<T> = { readonly mine: T } | 'done' | 'elsewhere';

/** The stretches of a task among so many, from the first up to but excluding the second. */
export const rangeOf = ({ index, of }: Task, count: number): readonly [from: number, to: number] => [
  Math.floor((index * count) / of),
  Math.floor(((index + 1) * count) / of),
];

/** How a task takes stretches. */
interface SharingOptions<T> {
  readonly task: Task;
  /** How many stretches all tasks share. */
  readonly count: number;
  readonly records: TaskRecords;
  /** Asks for a stretch: looks it up, and claims it if something is missing. */
  readonly take: (stretch: number) => Promise<Taken<T>>;
  readonly signal: AbortSignal;
  /** Waits for this many milliseconds. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Pauses before a task checks again on a stretch that another process is working on, in milliseconds: the first, and the longest. */
const pauses = { first: 500, most: 2000 };

/**
 * The stretches that a task must compute, in this order. First its own, from first to last. Then those of unfinished
 * tasks, from their ends, because their owners work from their beginnings. Last, its own stretches that another
 * process was working on, unless that one has finished them. At the end all of its own stretches are done, and no
 * stretch is both incomplete and free.
 *
 * A task asks for each of its own stretches once. For another task's stretches, it asks for the one before all those that
 * helpers have taken: one request to find it and one to record it, until it meets the owner. So the cost of a stretch does
 * not grow with the number of tasks. All this is only advisory: the lookup alone ensures that no result is lost or wrong.
 */
export async function* sharedOut<T>(options: SharingOptions<T>): AsyncGenerator<T> {
  const { task, count, records, take, signal } = options;
  const [from, to] = rangeOf(task, count);
  const elsewhere: number[] = [];
  for (let stretch = from; stretch < to; stretch++) {
    signal.throwIfAborted();
    await records.reach(stretch);
    const taken = await take(stretch);
    if (taken === 'elsewhere') elsewhere.push(stretch);
    else if (taken !== 'done') yield taken.mine;
  }
  await records.reach(to);
  for (const other of othersOf(task)) yield* help(other, options);
  for (const stretch of elsewhere) yield* afterOthers(stretch, options);
}

/** The other tasks, starting half a round further on, so that not all tasks help the same one. */
function othersOf({ index, of }: Task): number[] {
  const start = index + Math.floor(of / 2);
  return Array.from({ length: of }, (_, step) => (start + step) % of).filter((other) => other !== index);
}

/** Stretches of an unfinished task, from its end. */
async function* help<T>(index: number, { task, count, records, take, signal }: SharingOptions<T>): AsyncGenerator<T> {
  const owner: Task = { ...task, index };
  const [from, to] = rangeOf(owner, count);
  for (;;) {
    signal.throwIfAborted();
    const reached = await records.reachedBy(index);
    if (reached >= to) return;
    const end = Math.min(to, await records.helpedDownTo(index, to));
    if (end <= Math.max(from, reached)) return;
    const stretch = end - 1;
    await records.helpDownTo(index, stretch);
    const taken = await take(stretch);
    if (taken !== 'done' && taken !== 'elsewhere') yield taken.mine;
  }
}

/** A stretch that another process is working on: yields nothing once it is done, or the stretch if it is released. */
async function* afterOthers<T>(
  stretch: number,
  { take, signal, pause = (ms) => setTimeout(ms, undefined, { signal }) }: SharingOptions<T>,
): AsyncGenerator<T> {
  for (let ms = pauses.first; ; ms = Math.min(2 * ms, pauses.most)) {
    signal.throwIfAborted();
    const taken = await take(stretch);
    if (taken === 'done') return;
    if (taken !== 'elsewhere') {
      yield taken.mine;
      return;
    }
    await pause(ms);
  }
}
