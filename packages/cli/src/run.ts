import { run as runWith, type FinishedRun, type RunRequest } from '@farout/runner';
import { builtIns } from './built-ins.ts';

/**
 * Runs the experiment in a YAML file like `farout run`, with the built-in parts and all files of a run folder. `run`
 * of `@farout/runner` includes neither.
 */
export const run = (file: string, request: Partial<RunRequest> = {}): Promise<FinishedRun> =>
  runWith(file, { ...request, builtIns: request.builtIns ?? builtIns });
