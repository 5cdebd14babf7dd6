import 'reflect-metadata';
import { tokens, type Clock, type Logger, type Progress, type Store } from '@oodkit/core';
import { container, type DependencyContainer } from 'tsyringe';
import type { Experiment } from './experiment.ts';
import type { RunOptions } from './run-options.ts';
import { FileStore } from './store/file-store.ts';

/** The services of one run. */
export interface Services {
  readonly store: Store;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly clock: Clock;
}

/**
 * The container of one run, a child of the process's: the runner's services, and in their place those that plugins
 * bring. A plugin's service may take time to come, so all are awaited first and registered as values.
 */
export async function createRunContainer(
  { services }: Pick<Experiment, 'services'>,
  { logger, progress }: Pick<RunOptions, 'logger' | 'progress'>,
  folder: string,
): Promise<DependencyContainer> {
  const run = container.createChildContainer();
  run.register(tokens.logger, { useValue: logger });
  run.register(tokens.progress, { useValue: progress });
  run.register(tokens.clock, { useValue: { now: Date.now } satisfies Clock });
  run.register(tokens.store, { useValue: new FileStore(folder) });
  for (const [token, create] of services) run.register(token, { useValue: await create() });
  return run;
}

/** The services as the stages use them. Of two registrations the later one counts. */
export const resolveServices = (run: DependencyContainer): Services => ({
  store: run.resolve<Store>(tokens.store),
  logger: run.resolve<Logger>(tokens.logger),
  progress: run.resolve<Progress>(tokens.progress),
  clock: run.resolve<Clock>(tokens.clock),
});
