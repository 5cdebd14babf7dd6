import { setImmediate } from 'node:timers/promises';
import type { ImageSource, Store } from '@farout/core';
import { Claims } from '../../src/extraction/claims.ts';
import { FileIndex } from '../../src/extraction/file-index.ts';
import { remember, type Filling } from '../../src/extraction/look-up.ts';
import { Shards } from '../../src/extraction/shards.ts';
import { Entries, hashData } from '../../src/store/entries.ts';
import { TaskRecords } from '../../src/work/records.ts';
import { rangeOf, sharedOut, type Task } from '../../src/work/sharing.ts';
import { Stretches, type Stretch } from '../../src/work/stretches.ts';
import { silent } from '../fixtures/tiny.ts';

/** Time that passes when everybody waits for it: days of work take a second, and come out alike each time. */
export class VirtualClock {
  #now = 1_000_000_000_000;
  #order = 0;
  readonly #sleepers: { readonly at: number; readonly order: number; readonly wake: () => void }[] = [];

  readonly now = (): number => this.#now;

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      const sleeper = { at: this.#now + ms, order: this.#order++, wake };
      const isLater = (other: typeof sleeper) => other.at > sleeper.at;
      const later = this.#sleepers.findIndex(isLater);
      this.#sleepers.splice(later === -1 ? this.#sleepers.length : later, 0, sleeper);
    });

  /** Lets time pass until the work is done. */
  async until(work: Promise<unknown>): Promise<void> {
    const state = { isDone: false };
    const done = work.finally(() => (state.isDone = true));
    for (;;) {
      await setImmediate();
      if (state.isDone) break;
      const next = this.#sleepers.shift();
      if (!next) continue;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    await done;
  }
}

/** A store in memory, some milliseconds away, that counts what it is asked. */
export class CountingStore implements Store {
  readonly #entries = new Map<string, Uint8Array>();
  readonly #away: () => Promise<void>;
  /** How often each kind of key was asked for, by the first folder of the key and the request. */
  readonly asked = new Map<string, number>();
  bytes = 0;

  constructor(away: () => Promise<void>) {
    this.#away = away;
  }

  get requests(): number {
    return [...this.asked.values()].reduce((sum, count) => sum + count, 0);
  }

  readonly read = async (key: string): Promise<Uint8Array | undefined> => {
    await this.#ask('read', key);
    const found = this.#entries.get(key);
    this.bytes += found?.length ?? 0;
    return found;
  };

  readonly readRange = async (key: string, offset: number, length: number): Promise<Uint8Array | undefined> =>
    (await this.read(key))?.subarray(offset, offset + length);

  readonly write = async (key: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> => {
    await this.#ask('write', key);
    const whole = bytes instanceof Uint8Array ? bytes : Buffer.concat(bytes);
    this.bytes += whole.length;
    this.#entries.set(key, whole);
  };

  readonly create = async (key: string, bytes: Uint8Array): Promise<boolean> => {
    await this.#ask('create', key);
    if (this.#entries.has(key)) return false;
    this.#entries.set(key, bytes);
    return true;
  };

  async #ask(request: string, key: string): Promise<void> {
    const kind = `${request} ${key.split('/')[0]!}`;
    this.asked.set(kind, (this.asked.get(kind) ?? 0) + 1);
    await this.#away();
  }
}

/** What a simulated worker did. */
export interface Worked {
  /** How often it computed each stretch. */
  readonly computed: readonly number[];
  /** How long it was at work, in milliseconds. */
  readonly busy: number;
  readonly ended: number;
}

/** How workers are simulated. */
interface Cluster {
  readonly tasks: number;
  readonly stretches: number;
  /** How long a worker takes for a stretch, in milliseconds. */
  readonly takes: (task: number, stretch: number) => number;
  /** When a worker is killed, in milliseconds after the begin. */
  readonly killed?: Readonly<Record<number, number>>;
  /** How far a worker's clock is ahead. */
  readonly ahead?: (task: number) => number;
}

const readings = ['a'.repeat(64)];

/** Two images a stretch, known by versions: nothing is read. */
const stretchesOf = (count: number): Stretch[] =>
  Array.from({ length: count }, (_, at): Stretch => {
    const image = (which: string): ImageSource => ({
      id: `${at}${which}`,
      version: `${at}${which}`,
      read: () => Promise.reject(new Error('nobody reads it')),
    });
    return { dataset: 'fake', cut: { place: hashData(at), images: [image('a'), image('b')] }, readings };
  });

/** Workers on the program's own claims, look-ups and records; only what computes rows is left out. */
export async function simulate(cluster: Cluster) {
  const clock = new VirtualClock();
  const store = new CountingStore(() => clock.sleep(5));
  const all = stretchesOf(cluster.stretches);
  const workers = Array.from({ length: cluster.tasks }, (_, index) =>
    simulateWorker({ index, of: cluster.tasks }, { all, cluster, clock, store }),
  );
  const worked = Promise.all(workers);
  await clock.until(worked);
  return { store, worked: await worked };
}

class Killed extends Error {}

async function simulateWorker(
  task: Task,
  on: { all: readonly Stretch[]; cluster: Cluster; clock: VirtualClock; store: CountingStore },
): Promise<Worked> {
  const { all, cluster, clock, store } = on;
  const begun = clock.now();
  const dies = begun + (cluster.killed?.[task.index] ?? Infinity);
  const now = () => clock.now() + (cluster.ahead?.(task.index) ?? 0);
  const entries = new Entries({ store, logger: silent });
  const [key] = readings as [string];
  const looking = {
    index: new FileIndex(entries),
    shards: new Map([[key, new Shards(entries, key)]]),
    claims: new Claims(store, silent, now, { host: `host ${task.index}`, process: 1 }),
    ...{ signal: new AbortController().signal, onUnreadable: 'skip' as const },
  };
  const stretches = new Stretches(all, looking);
  const range = rangeOf(task, all.length);
  const records = new TaskRecords(
    entries,
    { folder: 'work/fake', task, range, images: 2 * all.length, stretches: all.length },
    now,
  );
  const computed: number[] = [];
  let busy = 0;
  const take = async (number: number) => {
    const taken = await stretches.take(number);
    return typeof taken === 'string' ? taken : { mine: { number, filling: taken.mine } };
  };
  await records.begin();
  const options = { task, count: all.length, records, take, signal: looking.signal, pause: clock.sleep };
  try {
    for await (const { number, filling } of sharedOut(options)) {
      const ms = cluster.takes(task.index, number);
      await clock.sleep(Math.min(ms, Math.max(0, dies - clock.now())));
      if (clock.now() >= dies) throw new Killed();
      busy += ms;
      computed.push(number);
      await finish(filling, key, looking);
    }
    await records.end('done');
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
  return { computed, busy, ended: clock.now() - begun };
}

/** Stores a stretch as a pass does. */
async function finish(
  filling: Filling,
  key: string,
  { index, shards, claims }: { index: FileIndex; shards: ReadonlyMap<string, Shards>; claims: Claims },
): Promise<void> {
  const contents = filling.cut.images.map(({ id }) => hashData(id));
  const made = new Map(contents.map((content) => [content, { row: Float32Array.of(1) }]));
  await shards.get(key)!.add(filling.cut.place, made);
  await remember({ ...filling, contents, told: false }, { index });
  await claims.release(filling.cut.place, [...filling.rows.keys()]);
}
