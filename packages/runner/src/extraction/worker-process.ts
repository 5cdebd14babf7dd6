import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { FaroutError } from '@farout/core';
import { forkModule } from '@farout/runtime';
import type { BatchOutcome, ImageInput, PlainError, Reply, Request, WorkerSetup } from './messages.ts';

/** The worker process ended while it held a batch. */
export class WorkerDied extends Error {
  override readonly name = 'WorkerDied';
}

/** The id under which the opening waits. */
const opening = -1;

interface Waiting {
  readonly resolve: (outcome: BatchOutcome) => void;
  readonly reject: (error: Error) => void;
}

const module = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/**
 * NVIDIA's libraries would round the factors of float32 products to 10 bits (TF32), unlike the CPU and every reference.
 */
const fullFloat32 = { NVIDIA_TF32_OVERRIDE: '0' };

/** One worker process, seen from the main process. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #opened: Promise<void>;
  #nextId = 0;
  #death: WorkerDied | undefined;

  constructor(setup: WorkerSetup) {
    this.#child = forkModule(module, {
      env: { ...process.env, ...fullFloat32 },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#opened = this.#open();
    // Whoever uses the worker sees the failure; until then it is nobody's unhandled rejection.
    this.#opened.catch(() => undefined);
    this.#child.once('exit', (code, signal) => this.#bury(signal ?? `exit code ${code ?? 'unknown'}`));
    this.#send({ kind: 'open', setup });
  }

  /** How many batches it holds. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Settles when the graph is open. Rejects as `extract` does when it never comes to work. */
  get opened(): Promise<void> {
    return this.#opened;
  }

  get dead(): boolean {
    return this.#death !== undefined;
  }

  /**
   * @throws WorkerDied when the process ends before it answers.
   * @throws FaroutError OOD_WORKER_DIED or OOD_DEVICE_UNAVAILABLE when it never came to work: no image can be blamed for
   *   that. OOD_ONNX_REFUSED when onnxruntime refuses the graph.
   */
  async extract(images: readonly ImageInput[]): Promise<BatchOutcome> {
    const id = this.#nextId++;
    const outcome = new Promise<BatchOutcome>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    // It may be rejected while the opening is still awaited; the caller gets it from the last line.
    outcome.catch(() => undefined);
    await this.#opened;
    if (this.#death) throw this.#death;
    this.#send({ kind: 'extract', id, images });
    return outcome;
  }

  /** Ends the process, whatever it is doing. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #open(): Promise<void> {
    this.#child.on('message', (reply: Reply) => this.#receive(reply));
    try {
      await new Promise((resolve, reject) => this.#waiting.set(opening, { resolve, reject }));
    } catch (cause) {
      if (!(cause instanceof WorkerDied)) throw cause;
      throw new FaroutError('OOD_WORKER_DIED', `a worker process could not start: ${cause.message}`, {
        fix: 'Look at its message above; most often memory is short.',
        cause,
      });
    }
  }

  #receive(reply: Reply): void {
    const id = (reply.kind === 'opened' ? undefined : reply.id) ?? opening;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (reply.kind === 'failed') waiting?.reject(revive(reply.error));
    else waiting?.resolve(reply.kind === 'extracted' ? reply.outcome : nothing);
  }

  #send(request: Request): void {
    // A process that is gone is noticed by its exit, not by what could not be sent to it.
    this.#child.send(request, () => undefined);
  }

  #bury(how: string): void {
    this.#death ??= new WorkerDied(how);
    for (const { reject } of this.#waiting.values()) reject(this.#death);
    this.#waiting.clear();
  }
}

const nothing: BatchOutcome = { images: [], rows: new Float32Array(0), width: 0 };

function revive({ name, message, stack, farout }: PlainError): Error {
  if (!farout) return Object.assign(new Error(message), { name, stack });
  const { code, fix, choices } = farout;
  return new FaroutError(code, message, { ...(fix && { fix }), ...(choices && { choices }) });
}
