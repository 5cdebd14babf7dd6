import path from 'node:path';
import type { Logger, Progress, Reporter } from '@farout/core';
import { loadExperiment, type ExperimentRequest } from './config/load.ts';
import { toldLogger, ToldProgress, type RunEvent, type RunListener } from './events.ts';
import { runFolder } from './output/run-folder.ts';
import { resultsFile } from './output/manifest.ts';
import type { BuiltIn } from './plugins/load.ts';
import { runExperiment } from './run-experiment.ts';
import type { FinishedRun, RunOptions } from './run-options.ts';

/** How an experiment is run. What is left out is as on the command line, but nothing is shown. */
export interface RunRequest {
  /** The plugins that the experiment need not name. */
  readonly builtIns: readonly BuiltIn[];
  /** Overrides, `path=value`, applied in this order. */
  readonly set?: readonly string[] | undefined;
  /** Folder of the run; `runs/<the experiment's name>` by default. The files of a run that is there are replaced. */
  readonly out?: string | undefined;
  /** What relative paths are relative to: the process's folder by default. */
  readonly cwd?: string | undefined;
  /** What `${…}` in the experiment reads: the process's environment by default. */
  readonly env?: ExperimentRequest['env'] | undefined;
  /** Files of the run folder that are made from the results, besides results.json and scores.csv. */
  readonly reporters?: readonly Reporter[] | undefined;
  /** Whether the report is made, and the reporters' files with it; true by default. */
  readonly report?: boolean | undefined;
  /** Is told when the results are written, before the report is made. */
  readonly onResults?: RunOptions['onResults'];
  readonly logger?: Logger | undefined;
  readonly progress?: Progress | undefined;
  /** Is told what happens. It must not throw. */
  readonly onEvent?: RunListener | undefined;
  /** Stops the run at the next batch; what is done stays in the store. */
  readonly signal?: AbortSignal | undefined;
}

const nothing = () => undefined;
const noLogger: Logger = { info: nothing, warn: nothing };
const noProgress: Progress = { start: nothing, advance: nothing, stop: nothing };

/**
 * Runs the experiment in a YAML file, as `farout run` does: loads and checks it, runs it, writes the run folder.
 *
 * @returns the results as results.json holds them, and the absolute path of the run folder.
 * @throws FaroutError or FaroutErrors for what is wrong with the experiment or the machine; Interrupted when the signal
 *   stopped it. A detector that fails does not throw: it is named in `results.failed`.
 */
export async function run(file: string, request: RunRequest): Promise<FinishedRun> {
  const { set = [], cwd = process.cwd(), env = process.env, builtIns, reporters = [], signal } = request;
  const { logger = noLogger, progress = noProgress, onEvent = nothing, report = true, onResults } = request;
  const experiment = await loadExperiment({ file, set, cwd: path.resolve(cwd), env, builtIns });
  const out = runFolder(path.resolve(cwd), experiment.name, request.out);
  onEvent({
    event: 'start',
    experiment: experiment.name,
    file: experiment.file,
    out,
    datasets: [...experiment.datasets.keys()],
    detectors: experiment.detectors.map(({ name }) => name),
  });
  const finished = await runExperiment(experiment, {
    out,
    reporters,
    logger: toldLogger(logger, onEvent),
    progress: new ToldProgress(progress, onEvent, { now: () => performance.now() }),
    onStage: (stage) => onEvent({ event: 'stage', stage }),
    withReport: report,
    ...(onResults && { onResults }),
    ...(signal && { signal }),
  });
  for (const failed of finished.results.failed) onEvent({ event: 'detector-failed', ...failed });
  onEvent(finish(finished));
  return finished;
}

const finish = ({ out, results: { accuracy, results, failed } }: FinishedRun): RunEvent => ({
  event: 'finish',
  out,
  results: path.join(out, resultsFile),
  accuracy,
  metrics: results,
  failed: failed.length,
});
