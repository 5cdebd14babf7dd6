import { setTimeout } from 'node:timers/promises';
import type { TaskRecords } from './records.ts';

/** Which of how many tasks: `index` counts from 0. */
export interface Task {
  readonly index: number;
  readonly of: number;
}

/** What became of a stretch that a task asked for: it is the task's, nothing is missing of it, or another process is at work on it. */
export type Taken<T> = { readonly mine: T } | 'done' | 'elsewhere';

/** The stretches of a task among so many, from the first up to but not including the second. */
export const rangeOf = ({ index, of }: Task, count: number): readonly [from: number, to: number] => [
  Math.floor((index * count) / of),
  Math.floor(((index + 1) * count) / of),
];

/** How a task takes up stretches. */
interface SharingOptions<T> {
  readonly task: Task;
  /** How many stretches all tasks share. */
  readonly count: number;
  readonly records: TaskRecords;
  /** Asks for a stretch: looks it up, and claims it where something is missing. */
  readonly take: (stretch: number) => Promise<Taken<T>>;
  readonly signal: AbortSignal;
  /** Waits so many milliseconds. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** How long a task waits for another process to be done with one of its stretches before it looks again, in milliseconds: at first, and at most. */
const pauses = { first: 500, most: 10_000 };

/**
 * The stretches that a task is to compute, in this order: its own from the first to the last; then those of tasks that are not done, from their
 * ends, as their owners come from the beginnings; at last those of its own that another process was at work on, unless that one has
 * finished them. When it ends, all of its own are done, and no stretch is left that is missing and free.
 *
 * A task asks for each of its own stretches once. Of another task it asks for one behind all that helpers have taken, which is one request to
 * know and one to note, until it meets the owner: so what a stretch costs does not grow with the number of tasks. All of that is
 * advice: that no result is lost or wrong follows from the look-up alone.
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

/** The other tasks, beginning half a round further on, so that not all help the same one. */
function othersOf({ index, of }: Task): number[] {
  const start = index + Math.floor(of / 2);
  return Array.from({ length: of }, (_, step) => (start + step) % of).filter((other) => other !== index);
}

/** Stretches of a task that has not come to its end, from its end. */
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

/** A stretch that another process is at work on: nothing once that is done, the stretch if it is given up. */
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
