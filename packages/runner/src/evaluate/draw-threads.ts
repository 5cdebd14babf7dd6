import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FaroutError, type Progress } from '@farout/core';
import { cores } from '../cores.ts';
import type { MeasuredMetric } from '../experiment.ts';
import { Drawing, mostDraws, takeDraws, type DrawnMetric, type DrawTask } from './draws.ts';
import { shared, type DrawnSets } from './rankings.ts';

/** A metric and, if another thread can load it, where to find it. */
export interface DrawableMetric extends DrawnMetric {
  readonly name: string;
  /** URL of a module whose plugin provides it. Without one, only the main thread can measure it. */
  readonly module?: string;
  /** The ratio of the sets at which it is measured, and its name in the module; absent if measured without one. */
  readonly ratio?: MeasuredMetric['ratio'];
}

/** Options for making draws. */
export interface DrawOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Maximum number of threads, including this one; default: one per core of the run. Does not affect results. */
  readonly threads?: number;
}

/** Measures all draws of all metrics, using several threads if that is worth their startup time. */
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

/** Measures blocks of draws until none is left, alongside other threads. */
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

/** More threads than this are limited by memory bandwidth. */
const mostThreads = 8;
/** This many count lookups take some seconds. Smaller tasks finish before other threads have started. */
const worthThreads = 3e9;

function visits({ rankings }: DrawnSets, metrics: readonly DrawnMetric[]): number {
  const images = rankings.flat().reduce((sum, { order }) => sum + order.length, 0);
  return metrics.reduce((sum, { draws }) => sum + draws, mostDraws(metrics)) * images;
}

const module = new URL(import.meta.url.endsWith('.ts') ? './draw-worker.ts' : './draw-worker.js', import.meta.url);

/** Sources need the TypeScript loader; built modules do not. */
const starter = import.meta.url.endsWith('.ts') ? [new URL('../../../../tools/start-source.mjs', import.meta.url)] : [];

function startWorkers(count: number, task: DrawTask) {
  return Array.from({ length: count }, () => {
    const [program, ...argv] = [...starter, module].map((url) => fileURLToPath(url));
    const worker = new Worker(program!, { workerData: task, argv, execArgv: [] });
    const ended = once(worker, 'exit').catch((cause: unknown) => {
      const said = (cause as Error).message;
      throw new FaroutError('OOD_WORKER_DIED', `a resampling thread failed: ${said}`, { cause });
    });
    // Awaited at the end; until then a rejection must not count as unhandled.
    ended.catch(() => undefined);
    return { worker, ended };
  });
}
