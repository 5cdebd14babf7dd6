import type { Logger, Progress, RunResults } from '@farout/core';
import { addReport } from './add-report.ts';
import { createRunContainer, resolveServices, type Services } from './container.ts';
import type { Experiment } from './experiment.ts';
import { extract, extractionKey } from './extraction/extract.ts';
import { commonImages, overlapSentence, refuseMemorising, type CommonImages } from './extraction/overlaps.ts';
import type { RowSet } from './extraction/row-set.ts';
import { fit, LearntStore, type Fitting } from './fit/fit.ts';
import { collectResults, fittedArrays, scoresCsv } from './output/results.ts';
import { openRunFolder, reportDataFile, scoresFile, writeResults } from './output/run-folder.ts';
import { openBackbone } from './prepare/backbone.ts';
import { compareOutput } from './prepare/compare-output.ts';
import { notesOn, openDatasets, refuseForeignLabels } from './prepare/datasets.ts';
import { ForeignFiles } from './prepare/trials.ts';
import type { ReportSources } from './report-data/sources.ts';
import { sweepTime } from './report-data/sweeps.ts';
import { Interrupted, Stopwatch, type FinishedRun, type RunOptions } from './run-options.ts';
import { evaluate, type Evaluation } from './score/evaluate.ts';
import { score } from './score/score.ts';
import { Entries } from './store/entries.ts';
import { storeFolder } from './store/store.ts';

/**
 * Runs an experiment: extract → fit → score → evaluate → write → report. Forward only; each stage goes on from what the former
 * left in the store, so that a run which was stopped at any moment does not begin anew. The results are written before the
 * report is made.
 *
 * @throws Interrupted when the signal stopped it; FaroutError for everything that is wrong with the request or the
 *   machine. A detector that fails does not throw: it is named in the results.
 */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<FinishedRun> {
  const { out: asked, reporters, withReport = true, onResults } = options;
  const pages = withReport ? [reportDataFile, ...reporters.map(({ file }) => file)] : [];
  const { folder, former } = await openRunFolder(asked, [scoresFile, ...pages], storeFolder(experiment));
  return withServices(experiment, options, async (services, watch, signal) => {
    const { results, scores, files, sources } = await findResults(experiment, services, watch, signal);
    if (former && former.results.hashes.experiment !== results.hashes.experiment) {
      services.logger.warn(
        `This replaces the run of another experiment in ${folder}; another name or --out would keep both.`,
      );
    }
    const csv = { file: scoresFile, content: scoresCsv(Object.keys(results.thresholds), scores) };
    const run = await writeResults(folder, results, [csv, ...files]);
    onResults?.({ results: run.results, out: folder });
    if (!withReport) return { results: run.results, out: folder };
    return { results: await addReport(run, sources, { reporters, watch, sweepTime }), out: folder };
  });
}

/** Does something with the services of a run, and ends them. */
export async function withServices<T>(
  experiment: Experiment,
  options: Pick<RunOptions, 'logger' | 'progress' | 'onStage' | 'signal'>,
  work: (services: Services, watch: Stopwatch, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = options.signal ?? new AbortController().signal;
  const container = await createRunContainer(experiment, options, storeFolder(experiment));
  try {
    const services = resolveServices(container);
    return await work(services, new Stopwatch(services.clock, options.onStage), signal);
  } catch (error) {
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    await container.dispose();
  }
}

/** What an experiment comes to, and what its report is drawn from. */
export interface Found {
  readonly results: RunResults;
  readonly scores: ReportSources['scores'];
  /** Learnt arrays. */
  readonly files: ReturnType<typeof fittedArrays>['files'];
  readonly sources: ReportSources & { readonly evaluation: Evaluation };
}

/** The stages of a run up to its results, which are not written yet. */
export async function findResults(
  experiment: Experiment,
  services: Services,
  watch: Stopwatch,
  signal: AbortSignal,
): Promise<Found> {
  const { backbone, datasets } = await watch.time('open', () => openAll(experiment, services.progress));
  const notes = [...backbone.notes, ...notesOn(datasets)];
  for (const note of notes) services.logger.warn(note);
  const pass = { experiment, services, signal };
  const graph = { bytes: backbone.graph, hash: backbone.hash };
  const sets = await watch.time('extract', () => extract(datasets, { ...pass, graph }));
  const common = compareSets(experiment, sets, services.logger);
  const fitting: Fitting = {
    stages: backbone,
    set: experiment.fit === undefined ? undefined : sets.get(experiment.fit),
    learnt: new LearntStore(new Entries(services)),
    extraction: extractionKey(pass, graph.hash),
    signal,
  };
  const { fitted, failed: unfit } = await watch.time('fit', () => fit(experiment.detectors, fitting));
  const compared = pick(sets, [experiment.id, ...experiment.ood]);
  const { scores, failed: unscored } = await watch.time('score', () =>
    score(fitted, { stages: backbone, sets: compared, datasets, pass }),
  );
  const names = experiment.detectors.map(({ name }) => name);
  const evaluation = await watch.time('evaluate', () =>
    evaluate(names, scores.get(experiment.id)!, pick(scores, experiment.ood), experiment.metrics),
  );
  const arrays = fittedArrays(fitted);
  const results = collectResults({
    experiment,
    device: services.device,
    backbone,
    sets,
    common,
    scores,
    evaluation,
    fitted: arrays.fitted,
    failed: [...unfit, ...unscored, ...evaluation.failed],
    notes,
    seconds: watch.seconds,
  });
  const sources = { experiment, sets, scores, fitting, fitted, ...services, signal, evaluation };
  return { results, scores, files: arrays.files, sources };
}

/** Large networks take their time: what is opened is shown. */
async function openAll(experiment: Experiment, progress: Progress) {
  const files = new ForeignFiles();
  progress.start(`Opening ${experiment.backbone.definition.name} and the datasets`, 2, 0, 'parts');
  try {
    const backbone = await openBackbone(experiment, files);
    progress.advance(1);
    const datasets = await openDatasets(experiment);
    progress.advance(1);
    refuseForeignLabels(experiment, datasets, backbone.classes);
    await compareOutput(experiment, backbone, files, datasets);
    return { backbone, datasets };
  } finally {
    await files.close();
    progress.stop();
  }
}

/** What the sets have in common, by content, and said before anything is learnt from it. */
function compareSets(experiment: Experiment, sets: ReadonlyMap<string, RowSet>, logger: Logger): CommonImages {
  const told = [...sets].map(([name, { images, contents }]) => {
    const ids = images.map(({ id }) => id);
    return [name, { ids, marks: contents.map((content) => [content]) }] as const;
  });
  const common = commonImages(experiment, new Map(told));
  refuseMemorising(experiment, common);
  for (const overlap of common.overlaps) logger.warn(overlapSentence(overlap));
  for (const { dataset, images, example } of common.duplicates) {
    const are = images === 1 ? 'is' : 'are';
    logger.info(`${images} of the images of "${dataset}" ${are} the same as an earlier one, the first "${example}".`);
  }
  return common;
}

const pick = <T>(all: ReadonlyMap<string, T>, names: readonly string[]): Map<string, T> =>
  new Map(names.map((name) => [name, all.get(name)!]));
