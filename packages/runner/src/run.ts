import path from 'node:path';
import { FaroutError, schemeOf, z, type Logger, type Progress, type RunResults, type Store } from '@farout/core';
import { loadExperiment, type ExperimentRequest } from './config/load.ts';
import { withServices, type FinishedRun, type RunOptions } from './container.ts';
import { withCores } from './cores.ts';
import { toldLogger, ToldProgress, type RunEvent, type RunListener } from './events.ts';
import { rowNames } from './experiment.ts';
import { json, resultsFile } from './output/manifest.ts';
import { drawings, renderPages, type Drawn } from './output/pages.ts';
import { openRunFolder, reportDataFile, runFolder, writePages, type WrittenRun } from './output/run-folder.ts';
import type { PageMaker } from './plugins/catalogue.ts';
import type { BuiltIn } from './plugins/load.ts';
import { addReport, findResults, runExperiment } from './run-experiment.ts';
import { FileStore, isFolder, storeFolder } from './store/store.ts';

/** Options of a run. Defaults are those of the command line, except that nothing is shown. */
export interface RunRequest {
  /** Plugins that the experiment need not name. */
  readonly builtIns: readonly BuiltIn[];
  /** Overrides, `path=value`, applied in order. */
  readonly set?: readonly string[] | undefined;
  /** The run folder; default: `runs/<the experiment's name>`. The files of a former run in it are replaced. */
  readonly out?: string | undefined;
  /** Base of relative paths; default: the process's working directory. */
  readonly cwd?: string | undefined;
  /** The environment read by `${…}` in the experiment; default: the process's. */
  readonly env?: ExperimentRequest['env'] | undefined;
  /** Whether to make the report and all files of reporters; default: true. */
  readonly report?: boolean | undefined;
  /** Whether to measure each detector's time per image; default: false. */
  readonly costs?: boolean | undefined;
  /** Called when the results are written, before the report is made. */
  readonly onResults?: RunOptions['onResults'];
  readonly logger?: Logger | undefined;
  readonly progress?: Progress | undefined;
  /** Receives events. It must not throw. */
  readonly onEvent?: RunListener | undefined;
  /** Stops the run at the next batch. Finished work stays in the store. */
  readonly signal?: AbortSignal | undefined;
  /** How many cores to use; default: as many as the machine has. Does not affect results. */
  readonly cores?: number | undefined;
}

const nothing = () => undefined;
const noLogger: Logger = { info: nothing, warn: nothing };
const noProgress: Progress = { start: nothing, advance: nothing, stop: nothing };

/**
 * Runs the experiment in a YAML file, like `farout run`: loads and checks it, runs it, writes the run folder.
 *
 * @returns the results as results.json contains them, and the absolute path of the run folder.
 * @throws FaroutError or FaroutErrors for what is wrong with the experiment or the machine; Interrupted if the signal
 *   stopped it. A detector that fails does not throw: it is listed in `results.failed`.
 */
export async function run(file: string, request: RunRequest): Promise<FinishedRun> {
  const { set = [], cwd = process.cwd(), env = process.env, builtIns, signal } = request;
  const {
    logger = noLogger,
    progress = noProgress,
    onEvent = nothing,
    report = true,
    costs = false,
    onResults,
  } = request;
  const experiment = await loadExperiment({ file, set, cwd: path.resolve(cwd), env, builtIns });
  const out = runFolder(path.resolve(cwd), experiment.name, request.out);
  onEvent({
    event: 'start',
    experiment: experiment.name,
    file: experiment.file,
    out,
    datasets: [...experiment.datasets.keys()],
    detectors: rowNames(experiment),
  });
  const finished = await withCores(request.cores, () =>
    runExperiment(experiment, {
      out,
      reporters: experiment.reporters,
      logger: toldLogger(logger, onEvent),
      progress: new ToldProgress(progress, onEvent, { now: () => performance.now() }),
      onStage: (stage) => onEvent({ event: 'stage', stage }),
      withReport: report,
      withCosts: costs,
      ...(onResults && { onResults }),
      ...(signal && { signal }),
    }),
  );
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

/**
 * Opens a finished run to make its report. Checks that no other file has the name of one of its pages, and that the
 * folder can be written.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED, also for a run of an older farout; OOD_RUN_UNREADABLE if there is no run.
 */
export async function openRun(folder: string, reporters: readonly PageMaker[]): Promise<WrittenRun> {
  const opened = await openRunFolder(folder, [reportDataFile, ...reporters.map(({ file }) => file)], folder);
  if (opened.former) return { folder: opened.folder, ...opened.former };
  throw new FaroutError('OOD_RUN_UNREADABLE', `${folder} is not a run folder: it has no ${resultsFile}`, {
    fix: 'Name the folder of a finished run, such as runs/demo.',
  });
}

/**
 * Makes pages of a finished run, replacing those of the same names. If a reporter fails, its file is left out with a warning.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED; the run is then unchanged.
 */
export async function rewritePages(
  former: WrittenRun,
  reporters: readonly PageMaker[],
  drawn: Drawn,
  logger: Logger,
): Promise<void> {
  const store = await formerStore(drawn.results);
  const files = await renderPages(reporters, drawn, { logger, ...(store && { store }) });
  if (!(await writePages(former, former.results, files))) throw replacedMeanwhile(former);
}

const stored = z.object({ store: z.string().optional() });

/** The store of a finished run, if it already has cached drawings; never created in a folder that the run happens to name. */
async function formerStore({ experiment }: RunResults): Promise<Store | undefined> {
  const { store } = stored.safeParse(experiment).data ?? {};
  // Anyone may be able to write to it: no request is made to an address that a run folder names.
  if (schemeOf(store) !== undefined) return undefined;
  const folder = storeFolder({ store });
  return (await isFolder(path.join(folder, drawings))) ? new FileStore(folder) : undefined;
}

/**
 * Computes what the report of a finished run is drawn from, and makes the report: from the store, using the experiment
 * in results.json and the reporters of its plugins. For a run without a report, or one whose sections were cut short.
 *
 * @returns the reporters' files.
 * @throws FaroutError OOD_RUN_UNREADABLE if the experiment now gives other results; whatever `runExperiment` throws.
 */
export async function completeReport(
  { folder, results: saved }: WrittenRun,
  { builtIns, full = false, ...options }: CompletionOptions,
): Promise<readonly string[]> {
  const file = path.join(folder, resultsFile);
  const text = JSON.stringify(saved.experiment);
  const experiment = await loadExperiment({ file, text, set: [], cwd: folder, env: {}, builtIns });
  const { reporters } = experiment;
  const former = await openRun(folder, reporters);
  await withServices(experiment, options, async (services, watch, signal) => {
    const { results, sources } = await findResults(experiment, services, watch, signal);
    if (compared(results) !== compared(saved)) throw changed(folder);
    await addReport(former, sources, { reporters, full, watch });
  });
  return reporters.map(({ file: page }) => page);
}

/** Options for completing a report. */
type CompletionOptions = Pick<RunOptions, 'logger' | 'progress' | 'full' | 'onStage' | 'signal'> & {
  readonly builtIns: readonly BuiltIn[];
};

/** What must be reproduced. */
const compared = ({ hashes: { backbone, head }, datasets, thresholds, results }: RunResults) =>
  json({
    hashes: { backbone, head },
    fingerprints: Object.entries(datasets).map(([name, { fingerprint }]) => [name, fingerprint]),
    thresholds,
    results,
  });

const changed = (folder: string) =>
  new FaroutError(
    'OOD_RUN_UNREADABLE',
    `the experiment of ${folder} now gives different results from those in the folder`,
    {
      fix: 'Its images, weights or plugins, or farout, have changed since: run the experiment again.',
    },
  );

const replacedMeanwhile = ({ folder }: WrittenRun) =>
  new FaroutError('OOD_OUTPUT_FAILED', `another run was written to ${folder} in the meantime`, {
    fix: 'Run farout report again.',
  });
