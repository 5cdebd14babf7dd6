import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FaroutError, type Progress } from '@farout/core';
import { cores } from '../cores.ts';
import type { MeasuredMetric } from '../experiment.ts';
import { Drawing, mostDraws, takeDraws, type DrawnMetric, type DrawTask } from './draws.ts';
import { shared, type DrawnSets } from './rankings.ts';

/** A metric and, where another thread can find it, by what it is found there. */
export interface DrawableMetric extends DrawnMetric {
  readonly name: string;
  /** URL of a module whose plugin brings it; without one the main thread measures it. */
  readonly module?: string;
  /** At which ratio of the sets it is taken, and what the module calls it; absent where it is taken as it is. */
  readonly ratio?: MeasuredMetric['ratio'];
}

/** How draws are made. */
export interface DrawOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** At most so many threads, this one included; as many as the run has cores when absent. They change no number. */
  readonly threads?: number;
}

/** Measures all draws of all metrics, in several threads where that is worth their start. */
export async function drawAll(
  sets: DrawnSets,
  metrics: readonly DrawableMetric[],
  { progress, signal, threads }: DrawOptions,
): Promise<void> {
  const isLong = visits(sets, metrics) > worthThreads;
  const most = mostDraws(metrics);
  if (isLong) progress.start('Resampling images', most, 0, 'draws');
  const next = shared(Int32Array, 1);
  const movable = metrics.filter(isMovable);
  const count = threads ?? (isLong ? Math.min(cores(), mostThreads) : 1);
  const workers = startWorkers(movable.length > 0 ? count - 1 : 0, { sets, metrics: movable.map(plain), next });
  try {
    if (workers.length === 0) await measureBlocks(sets, metrics, next, signal, isLong ? progress : undefined);
    else {
      const others = metrics.filter((metric) => !isMovable(metric));
      await measureBlocks(sets, others, shared(Int32Array, 1), signal);
      await measureBlocks(sets, movable, next, signal, isLong ? progress : undefined);
    }
    await Promise.all(workers.map(({ ended }) => ended));
  } finally {
    if (isLong) progress.stop();
    await Promise.all(workers.map(({ worker }) => worker.terminate()));
  }
}

/** Measures blocks of draws until all are taken, here and in other threads. */
async function measureBlocks(
  sets: DrawnSets,
  metrics: readonly DrawableMetric[],
  next: Int32Array,
  signal: AbortSignal,
  progress?: Progress,
): Promise<void> {
  const drawing = new Drawing(sets, metrics);
  let seen = 0;
  for (let first = takeDraws(next); first < mostDraws(metrics); first = takeDraws(next)) {
    drawing.measure(first);
    progress?.advance(first - seen);
    seen = first;
    await setImmediate();
    signal.throwIfAborted();
  }
  progress?.advance(mostDraws(metrics) - seen);
}

type Movable = DrawableMetric & Required<Pick<DrawableMetric, 'module'>>;

const isMovable = (metric: DrawableMetric): metric is Movable => metric.module !== undefined;

const plain = ({ name, module, ratio, draws, numbers }: Movable) => ({
  name: ratio?.of ?? name,
  module,
  draws,
  numbers,
  ...(ratio && { ratio: ratio.value }),
});

/** More threads than this would share the memory's speed. */
const mostThreads = 8;
/** Looking so often at an image's count takes some seconds: less is done before other threads have started. */
const worthThreads = 3e9;

function visits({ rankings }: DrawnSets, metrics: readonly DrawnMetric[]): number {
  const images = rankings.flat().reduce((sum, { order }) => sum + order.length, 0);
  return metrics.reduce((sum, { draws }) => sum + draws, mostDraws(metrics)) * images;
}

const module = new URL(import.meta.url.endsWith('.ts') ? './draw-worker.ts' : './draw-worker.js', import.meta.url);

/** A source needs what loads TypeScript; a built module needs nothing. */
const starter = import.meta.url.endsWith('.ts') ? [new URL('../../../../tools/start-source.mjs', import.meta.url)] : [];

function startWorkers(count: number, task: DrawTask) {
  return Array.from({ length: count }, () => {
    const [program, ...argv] = [...starter, module].map((url) => fileURLToPath(url));
    const worker = new Worker(program!, { workerData: task, argv, execArgv: [] });
    const ended = once(worker, 'exit').catch((cause: unknown) => {
      const said = (cause as Error).message;
      throw new FaroutError('OOD_WORKER_DIED', `a resampling thread failed: ${said}`, { cause });
    });
    // It is awaited at the end; until then it is nobody's unhandled rejection.
    ended.catch(() => undefined);
    return { worker, ended };
  });
}
