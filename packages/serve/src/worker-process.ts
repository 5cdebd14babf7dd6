import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { forkModule } from '@farout/runtime';
import { readFrames, writeFrame } from './frames.ts';
import { patience } from './limits.ts';
import {
  socketNumber,
  type RequestImage,
  type WorkerOutcome,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSetup,
} from './messages.ts';

/** An image in progress. */
export interface Job {
  readonly image: RequestImage;
  /** When it arrived, in ms of `performance.now`. */
  readonly since: number;
  readonly settle: (outcome: WorkerOutcome | { readonly fatal: string } | { readonly late: true }) => void;
  /** Whether nobody waits for it any more. */
  isDropped: boolean;
  /** Whether it may have ended a worker and is therefore retried alone. */
  isSuspect: boolean;
  isLarge: boolean;
}

/** Events of a worker. */
export interface WorkerEvents {
  readonly opened: () => void;
  readonly answered: (job: Job, outcome: WorkerOutcome) => void;
  /** It ended, by a signal, an exit code or a reported failure, together with the images it held. */
  readonly ended: (how: string, held: readonly Job[]) => void;
}

const module = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/**
 * Two decoding threads, matching the images ahead of the graph. glibc keeps arenas for two threads, not eight per core, so memory freed by one
 * thread is reused by the next.
 */
const environment = { UV_THREADPOOL_SIZE: '2', MALLOC_ARENA_MAX: '2' };

/** One worker process, as seen by the service. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #socket: Duplex;
  readonly #events: WorkerEvents;
  readonly #held = new Map<number, Job>();
  readonly #brake: NodeJS.Timeout;
  #nextId = 0;
  #isOpen = false;
  #isGone = false;
  #words: string | undefined;

  constructor(setup: WorkerSetup, events: WorkerEvents) {
    this.#events = events;
    this.#child = forkModule(module, {
      env: { ...process.env, ...environment },
      // The worker triggers a garbage collection after each large picture.
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
    });
    this.#socket = this.#child.stdio[socketNumber] as Duplex;
    this.#brake = setTimeout(() => this.#stop(), patience.image);
    readFrames(
      this.#socket,
      (reply) => this.#receive(reply as WorkerReply),
      () => this.end(),
    );
    // A dead process is noticed by its exit event, not by a failed send.
    this.#socket.on('error', () => undefined);
    this.#child.once('error', (error) => this.#bury(error.message));
    this.#child.once('exit', (code, signal) => this.#bury(this.#words ?? signal ?? `exit code ${code ?? 'unknown'}`));
    writeFrame(this.#socket, { setup } satisfies WorkerRequest);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many images it holds. */
  get load(): number {
    return this.#held.size;
  }

  /** Whether it holds only an image that may have ended another worker. */
  get holdsSuspect(): boolean {
    for (const { isSuspect } of this.#held.values()) if (isSuspect) return true;
    return false;
  }

  score(job: Job): void {
    if (this.#held.size === 0) this.#brake.refresh();
    const id = this.#nextId++;
    this.#held.set(id, job);
    const { image, isLarge: mayBeLarge } = job;
    const request: WorkerRequest = 'shape' in image ? { id, shape: image.shape, mayBeLarge } : { id, mayBeLarge };
    writeFrame(this.#socket, request, 'shape' in image ? image.data : image);
  }

  /** Kills it, whatever it is doing. */
  end(): void {
    this.#child.kill('SIGKILL');
  }

  #receive(reply: WorkerReply): void {
    this.#brake.refresh();
    if ('failure' in reply) this.#words = reply.failure;
    else if ('opened' in reply) {
      this.#isOpen = true;
      this.#events.opened();
    } else {
      const job = this.#held.get(reply.id);
      this.#held.delete(reply.id);
      if (job) this.#events.answered(job, reply);
    }
  }

  /** Timeout while it opens its file or holds an image. */
  #stop(): void {
    if (this.#isOpen && this.#held.size === 0) return;
    this.#words = `no answer within ${patience.image / 1000} s`;
    this.end();
  }

  #bury(how: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#brake);
    this.#isOpen = false;
    const held = [...this.#held.values()];
    this.#held.clear();
    this.#events.ended(how, held);
  }
}
