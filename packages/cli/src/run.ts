import { reporters } from '@oodkit/report';
import { run as runWith, type FinishedRun, type RunRequest } from '@oodkit/runner';
import { builtIns } from './built-ins.ts';

/**
 * Runs the experiment in a YAML file: what `oodkit run` does, with the built-in parts and all files of a run folder. See
 * `run` of `@oodkit/runner`, which brings neither.
 */
export const run = (file: string, request: Partial<RunRequest> = {}): Promise<FinishedRun> =>
  runWith(file, { ...request, builtIns: request.builtIns ?? builtIns, reporters: request.reporters ?? reporters });
