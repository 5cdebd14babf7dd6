import type { Log } from './log.ts';
import { limits, patience } from './limits.ts';
import type { RequestImage, WorkerOutcome, WorkerSetup } from './messages.ts';
import { Problem } from './problems.ts';
import { WorkerProcess, type Job } from './worker-process.ts';

/** The result of an image of a request. */
export type Outcome = Exclude<WorkerOutcome, { isLarge: true }> | { readonly problem: Problem };

/** How many images a worker holds, so that it never waits: one in the graph, one decoded and two being decoded. */
const window = 4;

/** Wait in ms before starting another worker after one that failed to open; doubled each time, up to `last`. */
const pauses = { first: 1_000, last: 30_000 };

/**
 * Wait in ms before the images of a dead worker are retried. Whatever killed it may have killed others; by then they no longer count as
 * open.
 */
const settling = 100;

/** The state of the pool. */
export interface PoolState {
  /** Workers ready for images, including the spare one. */
  readonly ready: number;
  /** Images waiting or in a worker. */
  readonly images: number;
  /** Workers that ended by themselves. */
  readonly ended: number;
}

/**
 * Worker processes behind one bounded queue. There is one more than `workers`: the spare keeps its detector open and replaces a worker that ends,
 * while a new one is started.
 *
 * Images held by a worker when it ended are retried one by one, in a worker that holds nothing else. So a process ended for other reasons loses no
 * image, and only an image that ends two workers is refused.
 */
export class WorkerPool {
  readonly #setup: WorkerSetup;
  readonly #workers: number;
  readonly #log: Log;
  #members: WorkerProcess[] = [];
  #waiting: Job[] = [];
  #large: Job[] = [];
  #suspects: Job[] = [];
  #largeUnderWay: Job | undefined;
  #images = 0;
  #ended = 0;
  #pause = pauses.first;
  #closed = false;
  readonly #pausing = new Set<NodeJS.Timeout>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(setup: WorkerSetup, workers: number, log: Log) {
    this.#setup = setup;
    this.#workers = workers;
    this.#log = log;
    this.#sweeper = setInterval(() => this.#sweep(), 1_000).unref();
  }

  get state(): PoolState {
    return { ready: this.#open().length, images: this.#images, ended: this.#ended };
  }

  /** Process ids, for memory monitoring. */
  get pids(): number[] {
    return this.#members.flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Starts the workers and waits for the first.
   *
   * @throws Error with the way it ended, if it failed to start.
   */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#start({ opened: resolve, failed: (how) => reject(new Error(how)) }),
    );
    while (this.#members.length < this.#workers + 1) this.#start();
  }

  /**
   * Why this many further images are not accepted; undefined if they are.
   */
  refusal(images: number): Problem | undefined {
    if (this.#open().length === 0) return new Problem('OOD_SERVE_NOT_READY', 'no worker process is ready');
    if (this.#images + images <= limits.queue) return undefined;
    return new Problem('OOD_SERVE_BUSY', `${this.#images} images are being processed, the maximum is ${limits.queue}`);
  }

  /**
   * Scores images; outcomes are in the same order. `drop` cancels those that no worker has yet.
   *
   * @throws Problem when they are not accepted.
   */
  score(images: readonly RequestImage[]): { readonly outcomes: Promise<Outcome[]>; readonly drop: () => void } {
    const refusal = this.refusal(images.length);
    if (refusal) throw refusal;
    const jobs: Job[] = [];
    const outcomes = Promise.all(
      images.map((image) => new Promise<Outcome>((resolve) => jobs.push(this.#jobOf(image, resolve)))),
    );
    this.#waiting.push(...jobs);
    this.#next();
    return { outcomes, drop: () => this.#drop(jobs) };
  }

  /** Kills all workers, whatever they are doing. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweeper);
    for (const timer of this.#pausing) clearTimeout(timer);
    for (const member of this.#members) member.end();
  }

  #jobOf(image: RequestImage, resolve: (outcome: Outcome) => void): Job {
    this.#images++;
    const settle: Job['settle'] = (outcome) => {
      this.#images--;
      resolve(outcomeOf(outcome));
    };
    return { image, since: performance.now(), settle, isDropped: false, isSuspect: false, isLarge: false };
  }

  #open(): WorkerProcess[] {
    return this.#members.filter(({ isOpen }) => isOpen);
  }

  #start({ opened, failed }: { opened?: () => void; failed?: (how: string) => void } = {}): void {
    let wasOpen = false;
    const member: WorkerProcess = new WorkerProcess(this.#setup, {
      opened: () => {
        wasOpen = true;
        this.#pause = pauses.first;
        this.#log({ event: 'worker-ready', pid: member.pid });
        opened?.();
        this.#next();
      },
      answered: (job, outcome) => this.#answered(job, outcome),
      ended: (how, held) => {
        this.#members = this.#members.filter((each) => each !== member);
        if (this.#closed) return;
        this.#ended++;
        this.#log({ event: 'worker-ended', pid: member.pid, how, images: held.length });
        failed?.(how);
        this.#suspect(held, how);
        if (wasOpen) this.#start();
        else if (!failed) this.#startLater();
        this.#next();
      },
    });
    this.#members.push(member);
  }

  #startLater(): void {
    this.#later(() => this.#start(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, pauses.last);
  }

  #later(work: () => void, milliseconds: number): void {
    const timer = setTimeout(() => {
      this.#pausing.delete(timer);
      work();
    }, milliseconds);
    this.#pausing.add(timer);
  }

  #answered(job: Job, outcome: WorkerOutcome): void {
    if (this.#largeUnderWay === job) this.#largeUnderWay = undefined;
    if ('isLarge' in outcome) {
      job.isLarge = true;
      (job.isSuspect ? this.#suspects : this.#large).push(job);
    } else job.settle(outcome);
    this.#next();
  }

  #suspect(held: readonly Job[], how: string): void {
    const again = held.filter(({ isSuspect, isDropped }) => !isSuspect && !isDropped);
    for (const job of held) {
      if (this.#largeUnderWay === job) this.#largeUnderWay = undefined;
      if (!again.includes(job)) job.settle({ fatal: how });
      job.isSuspect = true;
    }
    if (again.length === 0) return;
    this.#later(() => {
      this.#suspects.push(...again);
      this.#next();
    }, settling);
  }

  /** Gives waiting images to workers. */
  #next(): void {
    const open = this.#open();
    const last = open.at(-1);
    if (!last) return;
    const [suspect] = this.#suspects;
    const isItsTurn = suspect && last.load === 0 && !(suspect.isLarge && this.#largeUnderWay);
    if (isItsTurn) this.#give(last, this.#suspects);
    const isReserved = this.#suspects.length > 0 || last.holdsSuspect;
    const others = (isReserved ? open.slice(0, -1) : open).slice(0, this.#workers);
    for (;;) {
      const least = leastLoaded(others.filter(({ holdsSuspect }) => !holdsSuspect));
      const from = this.#large.length > 0 && !this.#largeUnderWay ? this.#large : this.#waiting;
      if (!least || least.load >= window || from.length === 0) return;
      this.#give(least, from);
    }
  }

  #give(member: WorkerProcess, from: Job[]): void {
    const job = from.shift()!;
    if (job.isLarge) this.#largeUnderWay = job;
    member.score(job);
  }

  #drop(jobs: readonly Job[]): void {
    for (const job of jobs) job.isDropped = true;
    this.#takeOut(({ isDropped }) => isDropped);
  }

  /** Removes images from the queue that have waited too long. */
  #sweep(): void {
    const longAgo = performance.now() - patience.queue;
    this.#takeOut(({ since }) => since < longAgo);
  }

  #takeOut(isOut: (job: Job) => boolean): void {
    const left = (jobs: Job[]) => {
      if (!jobs.some(isOut)) return jobs;
      for (const job of jobs) if (isOut(job)) job.settle({ late: true });
      return jobs.filter((job) => !isOut(job));
    };
    this.#waiting = left(this.#waiting);
    this.#large = left(this.#large);
  }
}

const leastLoaded = (members: readonly WorkerProcess[]) =>
  members.reduce<WorkerProcess | undefined>(
    (least, each) => (least && least.load <= each.load ? least : each),
    undefined,
  );

function outcomeOf(outcome: Parameters<Job['settle']>[0]): Outcome {
  if ('verdict' in outcome || 'unreadable' in outcome) return outcome;
  if ('late' in outcome)
    return {
      problem: new Problem('OOD_SERVE_BUSY', `the image waited for ${patience.queue / 1000} s in the queue`),
    };
  if ('fatal' in outcome)
    return {
      problem: new Problem(
        'OOD_SERVE_IMAGE_FATAL',
        `the image ended two worker processes, one of which was processing nothing else (${outcome.fatal})`,
      ),
    };
  throw new Error('a large image was not scored');
}
