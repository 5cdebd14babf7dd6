import type { Progress } from '@farout/core';
import { Claims } from '../extraction/claims.ts';
import type { ImagePass } from '../extraction/extract.ts';
import { FileIndex } from '../extraction/file-index.ts';
import type { Extraction, Filling } from '../extraction/look-up.ts';
import { Pass, type Due } from '../extraction/pass.ts';
import { Shards } from '../extraction/shards.ts';
import { Entries } from '../store/entries.ts';
import { TaskRecords } from './records.ts';
import { rangeOf, sharedOut, type Task } from './sharing.ts';
import { Stretches, type Stretch } from './stretches.ts';

/** What a task reads: the stretches that all tasks of its wave share. */
export interface Wave {
  readonly name: string;
  /** Where the tasks' records are stored. */
  readonly folder: string;
  readonly stretches: readonly Stretch[];
}

/** The outcome of a task. */
export interface ShareDone {
  /** How many images it read. */
  readonly read: number;
  /** How many of the images it read were left out, because they were unreadable or for temporary reasons. */
  readonly left: number;
}

/** Does the share of a task: reads what is missing in its stretches. `pool` opens worker processes when they are needed. */
export async function readShare(
  { name, folder, stretches: all }: Wave,
  task: Task,
  pass: ImagePass,
  pool: Extraction['pool'],
): Promise<ShareDone> {
  const range = rangeOf(task, all.length);
  const images = imagesIn(all);
  const records = new TaskRecords(new Entries(pass.services), { folder, task, range, images, stretches: all.length });
  const share = new Share(all, { records, extraction: extractionFor(all, pass, pool, records) });
  const total = imagesIn(all.slice(...range));
  await records.begin();
  try {
    const done = await share.read({ name, total, done: 0 }, task);
    await records.end('done');
    return done;
  } catch (error) {
    // The original error matters more than a failure to record it.
    await records.end(pass.signal.aborted ? 'stopped' : 'failed').catch(() => undefined);
    throw error;
  }
}

/** The number of images in stretches. */
export const imagesIn = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, { cut }) => sum + cut.images.length, 0);

function extractionFor(
  all: readonly Stretch[],
  { experiment, services, signal }: ImagePass,
  pool: Extraction['pool'],
  records: TaskRecords,
): Extraction {
  const entries = new Entries(services);
  const keys = new Set(all.flatMap(({ readings }) => readings));
  return {
    index: new FileIndex(entries),
    shards: new Map([...keys].map((key) => [key, new Shards(entries, key)])),
    claims: new Claims(services.store, services.logger),
    ...{ pool, signal, progress: counted(services.progress, records), onUnreadable: experiment.onUnreadable },
  };
}

/** Progress that also counts for the task's record. Images read for other tasks are beyond the task's own total and are not shown. */
function counted(progress: Progress, records: TaskRecords): Progress {
  let own = 0;
  return {
    start: (stage, total, done, unit) => {
      own = total - done;
      progress.start(stage, total, done, unit);
    },
    advance: (images) => {
      records.count({ images });
      const shown = Math.min(images, own);
      own -= shown;
      if (shown > 0) progress.advance(shown);
    },
    stop: () => progress.stop(),
  };
}

/** Stretches that a task has taken, from claiming to releasing them. */
class Share {
  readonly #all: readonly Stretch[];
  readonly #records: TaskRecords;
  readonly #extraction: Extraction;
  readonly #taken = new Set<Filling>();
  #left = 0;

  constructor(
    all: readonly Stretch[],
    { records, extraction }: { readonly records: TaskRecords; readonly extraction: Extraction },
  ) {
    this.#all = all;
    this.#records = records;
    this.#extraction = extraction;
  }

  async read(stage: Parameters<Pass['read']>[0], task: Task): Promise<ShareDone> {
    const pass = new Pass(this.#extraction, (filling) => this.#finish(filling));
    try {
      return { read: await pass.read(stage, this.#due(task)), left: this.#left };
    } finally {
      for (const filling of this.#taken) await this.#release(filling);
    }
  }

  async *#due(task: Task): AsyncGenerator<Due> {
    const stretches = new Stretches(this.#all, this.#extraction);
    const take = (number: number) => stretches.take(number);
    const { signal } = this.#extraction;
    const options = { task, count: this.#all.length, records: this.#records, take, signal };
    for await (const filling of sharedOut(options)) {
      this.#taken.add(filling);
      yield { filling, at: [...filling.cut.images.keys()] };
    }
  }

  async #finish(filling: Filling): Promise<void> {
    const left = filling.left.filter((each) => each).length;
    this.#left += left;
    this.#records.count({ left });
    await this.#release(filling);
  }

  async #release(filling: Filling): Promise<void> {
    this.#taken.delete(filling);
    await this.#extraction.claims.release(filling.cut.place, [...filling.rows.keys()]);
  }
}
