import path from 'node:path';
import type { Logger, Progress } from '@farout/core';
import { loadExperiment, type ExperimentRequest } from '../config/load.ts';
import { withServices, type Services, type Stopwatch } from '../container.ts';
import type { Experiment } from '../experiment.ts';
import type { BuiltIn } from '../plugins/load.ts';

/** A request about an experiment that tasks share. */
export interface SharedRequest {
  /** Plugins that the experiment need not name. */
  readonly builtIns: readonly BuiltIn[];
  /** Overrides, `path=value`, applied in order. */
  readonly set?: readonly string[] | undefined;
  /** Base of relative paths; default: the process's working directory. */
  readonly cwd?: string | undefined;
  /** The environment read by `${…}` in the experiment; default: the process's. */
  readonly env?: ExperimentRequest['env'] | undefined;
  readonly logger?: Logger | undefined;
  readonly progress?: Progress | undefined;
  /** Stops at the next batch. Finished work stays in the store. */
  readonly signal?: AbortSignal | undefined;
}

/** A loaded experiment, and the context to work on it. */
export interface Loaded {
  readonly experiment: Experiment;
  readonly services: Services;
  readonly watch: Stopwatch;
  readonly signal: AbortSignal;
}

const nothing = () => undefined;
const silentLogger: Logger = { info: nothing, warn: nothing };
const silentProgress: Progress = { start: nothing, advance: nothing, stop: nothing };

/**
 * Loads the experiment in a YAML file and calls `work` with it and its services.
 *
 * @throws FaroutError or FaroutErrors for what is wrong with it; Interrupted if the signal stopped the work.
 */
export async function withLoaded<T>(
  file: string,
  { builtIns, set = [], cwd = process.cwd(), env = process.env, signal, ...shown }: SharedRequest,
  work: (loaded: Loaded) => Promise<T>,
): Promise<T> {
  const { logger = silentLogger, progress = silentProgress } = shown;
  const experiment = await loadExperiment({ file, set, cwd: path.resolve(cwd), env, builtIns });
  const options = { logger, progress, ...(signal && { signal }) };
  return withServices(experiment, options, (services, watch, stop) =>
    work({ experiment, services, watch, signal: stop }),
  );
}
