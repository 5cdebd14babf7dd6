import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Opening, PlainSession, PlainTensors } from './open-here.ts';

/** A message to the process: first what to open, then what to run. */
export type ApartRequest = { readonly opening: Opening } | { readonly feeds: PlainTensors };

/** A message from the process: the result of the last request. */
export type ApartReply =
  | { readonly opened: Pick<PlainSession, 'inputs' | 'outputNames'> }
  | { readonly results: PlainTensors }
  /** The message of onnxruntime. */
  | { readonly failure: string };

/** Where the stderr of the process goes: to this process's stderr, or to a function. */
export type Stderr = 'show' | ((text: string) => void);

const module = new URL(import.meta.url.endsWith('.ts') ? './opening.ts' : './opening.js', import.meta.url);

/** Timeout in ms, as a last resort: the largest network on the slowest machine opens and runs in a tenth of it. */
const patience = 600_000;

/**
 * Opens a session in a separate process, so a driver or model cannot crash this one.
 *
 * @throws Error with the message of onnxruntime, or the way the process ended: by a signal, or by timeout.
 */
export async function openApart(opening: Opening, stderr: Stderr, wait = patience): Promise<PlainSession> {
  const child = new Apart(stderr, wait);
  const reply = await child.ask({ opening });
  return {
    ...(reply as Extract<ApartReply, { opened: unknown }>).opened,
    run: async (feeds) => ((await child.ask({ feeds })) as Extract<ApartReply, { results: unknown }>).results,
    release: () => child.end(),
  };
}

class Apart {
  readonly #child: ChildProcess;
  readonly #wait: number;
  readonly #closed: Promise<string>;
  #settle: ((reply: ApartReply) => void) | undefined;
  #lastWords = '';

  constructor(stderr: Stderr, wait: number) {
    this.#wait = wait;
    this.#child = forkModule(module, { stdio: ['ignore', 'ignore', stderr === 'show' ? 'inherit' : 'pipe', 'ipc'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-2048);
      if (stderr !== 'show') stderr(text);
    });
    this.#child.on('message', (reply: ApartReply) => this.#settle?.(reply));
    this.#closed = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      // After 'exit', its last output may still be in flight.
      this.#child.once('close', (code, signal) => resolve(signal ?? `exit code ${code ?? 'unknown'}`));
    });
  }

  /** A failed request ends the process. */
  async ask(request: ApartRequest): Promise<ApartReply> {
    let brake: NodeJS.Timeout | undefined;
    const reply = await Promise.race([
      new Promise<ApartReply>((resolve) => (this.#settle = resolve)),
      this.#closed.then((how): ApartReply => ({ failure: `its process ended (${how})${this.#said()}` })),
      new Promise<ApartReply>((resolve) => {
        brake = setTimeout(() => resolve({ failure: `no answer within ${this.#wait / 1000} s` }), this.#wait);
        // A dead process is noticed by its exit event, not by a failed send.
        this.#child.send(request, () => undefined);
      }),
    ]);
    clearTimeout(brake);
    if (!('failure' in reply)) return reply;
    await this.end();
    throw new Error(reply.failure);
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  /** The last line it wrote to stderr before it crashed. */
  #said(): string {
    const line = this.#lastWords.trim().split('\n').at(-1)!;
    return line === '' ? '' : `: ${line}`;
  }
}

/** Starts one of our modules as a process. Messages are structured clones, which preserves typed arrays. */
export function forkModule(module: URL, options: Pick<ForkOptions, 'env' | 'stdio' | 'execArgv'>): ChildProcess {
  const [program, ...words] = [...starter, module].map((file) => fileURLToPath(file));
  return fork(program!, words, { env: process.env, execArgv: [], ...options, serialization: 'advanced' });
}

/** A source module needs the TypeScript loader; a built one needs nothing. */
const starter = import.meta.url.endsWith('.ts') ? [new URL('../../../tools/start-source.mjs', import.meta.url)] : [];
