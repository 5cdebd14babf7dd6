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
  /** Whether the report is made, and all files of reporters with it; true by default. */
  readonly report?: boolean | undefined;
  /** Whether it is measured what each detector takes an image; false by default. */
  readonly costs?: boolean | undefined;
  /** Is told when the results are written, before the report is made. */
  readonly onResults?: RunOptions['onResults'];
  readonly logger?: Logger | undefined;
  readonly progress?: Progress | undefined;
  /** Is told what happens. It must not throw. */
  readonly onEvent?: RunListener | undefined;
  /** Stops the run at the next batch; what is done stays in the store. */
  readonly signal?: AbortSignal | undefined;
  /** How many cores it uses; as many as the machine gives when absent. No number depends on it. */
  readonly cores?: number | undefined;
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
 * A finished run whose report is to be made: nothing else has the name of one of its pages, and the folder can be written.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED, also for a run of an older farout; OOD_RUN_UNREADABLE when there is no run.
 */
export async function openRun(folder: string, reporters: readonly PageMaker[]): Promise<WrittenRun> {
  const opened = await openRunFolder(folder, [reportDataFile, ...reporters.map(({ file }) => file)], folder);
  if (opened.former) return { folder: opened.folder, ...opened.former };
  throw new FaroutError('OOD_RUN_UNREADABLE', `${folder} is not a run folder: it has no ${resultsFile}`, {
    fix: 'Name the folder of a finished run, such as runs/demo.',
  });
}

/**
 * Makes pages of a finished run, in the place of those of the same name; a reporter that fails costs a warning and its file.
 *
 * @throws FaroutError OOD_OUTPUT_FAILED; the run is then as it was.
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

/** The store of a finished run where drawings are kept; none is made of whatever folder the run may name. */
async function formerStore({ experiment }: RunResults): Promise<Store | undefined> {
  const { store } = stored.safeParse(experiment).data ?? {};
  // Whoever may write to it could be anybody: nothing is asked of an address that a folder names.
  if (schemeOf(store) !== undefined) return undefined;
  const folder = storeFolder({ store });
  return (await isFolder(path.join(folder, drawings))) ? new FileStore(folder) : undefined;
}

/**
 * Computes what the report of a finished run is drawn from, and makes the report: from the store, by the experiment that
 * results.json holds, with the reporters of its plugins. For a run without a report, or one whose sections were cut short.
 *
 * @returns the reporters' files.
 * @throws FaroutError OOD_RUN_UNREADABLE when the experiment comes to other results by now; what `runExperiment` throws.
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

/** How a report is completed. */
type CompletionOptions = Pick<RunOptions, 'logger' | 'progress' | 'full' | 'onStage' | 'signal'> & {
  readonly builtIns: readonly BuiltIn[];
};

/** What must come out again. */
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
