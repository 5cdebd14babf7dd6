// A worker process: images in, rows out. It knows graphs and pixels, never a plugin's functions.
import { FaroutError } from '@farout/core/errors';
import { configureSharpForWorker } from '@farout/images';
import { openSession, type Session } from '@farout/runtime';
import { serveSources } from '../plugins/storages.ts';
import { extractRows, prepareBatch, type PlainError, type Reply, type Request, type WorkerSetup } from './batch.ts';

interface Opened {
  readonly sessions: readonly Session[];
  readonly setup: WorkerSetup;
}

let opened: Promise<Opened> | undefined;
/** The last requested run. Runs execute one at a time, while later batches are already being decoded. */
let running: Promise<unknown> = Promise.resolve();

const reply = (message: Reply) => process.send!(message);

async function open(setup: WorkerSetup): Promise<Opened> {
  configureSharpForWorker();
  const { models, threads, device } = setup;
  const sessions: Session[] = [];
  for (const model of models) sessions.push(await refusing('open', () => openSession(model, { threads, device })));
  return { sessions, setup };
}

/** An error of onnxruntime is the graph's fault, not the machine's or an image's. */
async function refusing<T>(what: 'open' | 'run', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FaroutError) throw cause;
    throw new FaroutError('OOD_ONNX_REFUSED', `onnxruntime cannot ${what} the network: ${(cause as Error).message}`, {
      fix: 'farout check reports this before a run; export the network again, in another operator set.',
      cause,
    });
  }
}

async function extract({ id, images, graphs }: Extract<Request, { kind: 'extract' }>): Promise<void> {
  const { sessions, setup } = await opened!;
  const chosen = graphs.map((index) => sessions[index]!);
  const decoding = prepareBatch(images, setup.recipe);
  const before = running;
  const run = (async () => {
    const prepared = await decoding;
    await before;
    return refusing('run', () => extractRows(prepared, setup.recipe?.crop ?? 0, chosen));
  })();
  running = run.catch(() => undefined);
  reply({ kind: 'extracted', id, outcome: await run });
}

async function answer(request: Request): Promise<void> {
  try {
    if (request.kind === 'extract') {
      await extract(request);
      return;
    }
    serveSources(request.storages);
    opened = open(request.setup);
    await opened;
    reply({ kind: 'opened' });
  } catch (error) {
    reply({ kind: 'failed', ...('id' in request && { id: request.id }), error: plain(error as Error) });
  }
}

function plain(error: Error): PlainError {
  const { name, message, stack } = error;
  if (!(error instanceof FaroutError)) return { name, message, stack };
  const { code, fix, choices } = error;
  return { name, message, stack, farout: { code, fix, choices } };
}

process.on('message', (request: Request) => void answer(request));
// The parent closes the channel to end this process, and the system closes it if the parent dies.
process.on('disconnect', () => process.exit());
// A terminal sends its interrupt to every process; only the parent decides what happens then.
process.on('SIGINT', () => undefined);
