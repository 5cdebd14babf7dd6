import 'reflect-metadata';
import {
  FaroutError,
  tokens,
  type Clock,
  type Device,
  type Executor,
  type Logger,
  type Progress,
  type RunResults,
  type Store,
} from '@farout/core';
import { resolveDevice } from '@farout/runtime';
import { container, type DependencyContainer } from 'tsyringe';
import type { Experiment } from './experiment.ts';
import type { PageMaker } from './plugins/catalogue.ts';
import { atPlace } from './plugins/failure.ts';
import { openStore } from './store/open-store.ts';

/** What a run needs besides its experiment. */
export interface RunOptions {
  /** Absolute path of the run folder. The files of a former run in it are replaced once the results exist. */
  readonly out: string;
  readonly logger: Logger;
  readonly progress: Progress;
  /** Reporters, which generate files of the run folder from the results. */
  readonly reporters: readonly PageMaker[];
  /** Whether reporters write for the user's own eyes; default: false. */
  readonly full?: boolean;
  /** Whether to make the report; default: true. */
  readonly withReport?: boolean;
  /** Whether to measure each detector's time per image; default: false. */
  readonly withCosts?: boolean;
  /** Called when the results are written, before the report is made. */
  readonly onResults?: (run: FinishedRun) => void;
  /** Called when a stage begins. */
  readonly onStage?: (stage: StageName) => void;
  /** Stops the run at the next batch. Finished work stays in the store. */
  readonly signal?: AbortSignal;
}

/** A finished run. */
export interface FinishedRun {
  readonly results: RunResults;
  /** The run folder. */
  readonly out: string;
}

/** The run was stopped by its signal. Its store is intact, and the next run resumes from it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('The run was interrupted; finished work is kept, and the same command continues from there.');
  }
}

/** Calls `work` with the services of a run, and disposes of them afterwards. */
export async function withServices<T>(
  experiment: Experiment,
  options: Pick<RunOptions, 'logger' | 'progress' | 'onStage' | 'signal'>,
  work: (services: Services, watch: Stopwatch, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = options.signal ?? new AbortController().signal;
  const run = await createRunContainer(experiment, options);
  try {
    const services = resolveServices(run);
    return await work(services, new Stopwatch(services.clock, options.onStage), signal);
  } catch (error) {
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    await run.dispose();
  }
}

/** The services of one run. */
export interface Services {
  readonly store: Store;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly clock: Clock;
  /** The device that networks run on here. */
  readonly device: Device;
  /** Where images are read, if not in processes of this run. */
  readonly executor?: Executor;
}

/**
 * The container of one run, a child of the process's container: the runner's services, replaced by those of plugins where
 * they provide any. Plugins may create services asynchronously, so all are awaited first and registered as values.
 */
async function createRunContainer(
  experiment: Pick<Experiment, 'services' | 'device' | 'devicePlace' | 'store'>,
  { logger, progress }: Pick<RunOptions, 'logger' | 'progress'>,
): Promise<DependencyContainer> {
  const run = container.createChildContainer();
  run.register(tokens.logger, { useValue: logger });
  run.register(tokens.progress, { useValue: progress });
  run.register(tokens.clock, { useValue: { now: Date.now } satisfies Clock });
  const { services } = experiment;
  run.register(tokens.store, { useValue: await openStore(experiment) });
  if (!services.has(tokens.device)) run.register(tokens.device, { useValue: await chosenDevice(experiment, logger) });
  for (const [token, create] of services) if (token !== tokens.store) run.register(token, { useValue: await create() });
  return run;
}

async function chosenDevice(asked: Pick<Experiment, 'device' | 'devicePlace'>, { info }: Logger): Promise<Device> {
  const found = await findDevice(asked);
  if (asked.device === 'auto') info(`Networks run on ${found}, the first of cuda, webgpu and cpu that works here.`);
  return found;
}

/**
 * The device that the experiment asks for, tested to work.
 * @throws FaroutError OOD_DEVICE_UNAVAILABLE at its place.
 */
export const findDevice = ({ device, devicePlace }: Pick<Experiment, 'device' | 'devicePlace'>): Promise<Device> =>
  atPlace(devicePlace, () => resolveDevice(device));

/** The services as the stages use them. If a service is registered twice, the later registration wins. */
const resolveServices = (run: DependencyContainer): Services => ({
  store: coded(run.resolve<Store>(tokens.store)),
  logger: run.resolve<Logger>(tokens.logger),
  progress: run.resolve<Progress>(tokens.progress),
  clock: run.resolve<Clock>(tokens.clock),
  device: run.resolve<Device>(tokens.device),
  ...(run.isRegistered(tokens.executor) && { executor: run.resolve<Executor>(tokens.executor) }),
});

/** A store whose errors all have the store's code, even if a plugin provides it. */
const coded = (store: Store): Store => ({
  read: (key) => orStoreFailed(async () => store.read(key)),
  readRange: (key, offset, length) => orStoreFailed(async () => store.readRange(key, offset, length)),
  write: (key, bytes) => orStoreFailed(async () => store.write(key, bytes)),
  create: (key, bytes) => orStoreFailed(async () => store.create(key, bytes)),
});

async function orStoreFailed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FaroutError) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new FaroutError('OOD_STORE_FAILED', `the store failed: ${said}`, { cause });
  }
}

/** The stages of a run, in order. */
export type StageName = 'open' | 'extract' | 'fit' | 'score' | 'evaluate' | 'measure' | 'report';

/** Wall-clock seconds of the stages of a run. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #onStage: (stage: StageName) => void;
  readonly #seconds: Record<string, number> = {};

  /** `onStage` is called when a stage begins. */
  constructor(clock: Clock, onStage: (stage: StageName) => void = () => undefined) {
    this.#clock = clock;
    this.#onStage = onStage;
  }

  get seconds(): Readonly<Record<string, number>> {
    return { ...this.#seconds };
  }

  /** Runs a stage and records its duration, added up if it runs more than once. */
  async time<T>(stage: StageName, work: () => T | Promise<T>): Promise<T> {
    this.#onStage(stage);
    const start = this.#clock.now();
    try {
      return await work();
    } finally {
      this.#seconds[stage] = (this.#seconds[stage] ?? 0) + (this.#clock.now() - start) / 1000;
    }
  }
}
