import 'reflect-metadata';
import { FaroutError, tokens, type Clock, type Device, type Logger, type Progress, type Store } from '@farout/core';
import { container, type DependencyContainer } from 'tsyringe';
import { resolveDevice } from '@farout/runtime';
import type { Experiment } from './experiment.ts';
import type { RunOptions } from './run-options.ts';
import { FileStore } from './store/store.ts';
import { atPlace } from './plugins/failure.ts';

/** The services of one run. */
export interface Services {
  readonly store: Store;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly clock: Clock;
  /** What networks run on here. */
  readonly device: Device;
}

/**
 * The container of one run, a child of the process's: the runner's services, and in their place those that plugins
 * bring. A plugin's service may take time to come, so all are awaited first and registered as values.
 */
export async function createRunContainer(
  experiment: Pick<Experiment, 'services' | 'device' | 'devicePlace'>,
  { logger, progress }: Pick<RunOptions, 'logger' | 'progress'>,
  folder: string,
): Promise<DependencyContainer> {
  const run = container.createChildContainer();
  run.register(tokens.logger, { useValue: logger });
  run.register(tokens.progress, { useValue: progress });
  run.register(tokens.clock, { useValue: { now: Date.now } satisfies Clock });
  run.register(tokens.store, { useValue: new FileStore(folder) });
  const { services } = experiment;
  if (!services.has(tokens.device)) run.register(tokens.device, { useValue: await chosenDevice(experiment, logger) });
  for (const [token, create] of services) run.register(token, { useValue: await create() });
  return run;
}

async function chosenDevice(asked: Pick<Experiment, 'device' | 'devicePlace'>, { info }: Logger): Promise<Device> {
  const found = await findDevice(asked);
  if (asked.device === 'auto') info(`Networks run on ${found}: of cuda, webgpu and cpu the first that works here.`);
  return found;
}

/**
 * The device that the experiment asks for, once it is known to work.
 * @throws FaroutError OOD_DEVICE_UNAVAILABLE at its place.
 */
export const findDevice = ({ device, devicePlace }: Pick<Experiment, 'device' | 'devicePlace'>): Promise<Device> =>
  atPlace(devicePlace, () => resolveDevice(device));

/** The services as the stages use them. Of two registrations the later one counts. */
export const resolveServices = (run: DependencyContainer): Services => ({
  store: coded(run.resolve<Store>(tokens.store)),
  logger: run.resolve<Logger>(tokens.logger),
  progress: run.resolve<Progress>(tokens.progress),
  clock: run.resolve<Clock>(tokens.clock),
  device: run.resolve<Device>(tokens.device),
});

/** A store whose every error is known as the store's, also one that a plugin brings. */
const coded = (store: Store): Store => ({
  read: (key) => orStoreFailed(async () => store.read(key)),
  write: (key, bytes) => orStoreFailed(async () => store.write(key, bytes)),
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
