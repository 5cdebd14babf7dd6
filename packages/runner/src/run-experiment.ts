import type { RunResults } from '@farout/core';
import { chooseParameters } from './choose/choose.ts';
import { refuseLeaks, testedSets } from './choose/leak.ts';
import { withServices, type FinishedRun, type RunOptions, type Services, type Stopwatch } from './container.ts';
import type { DrawOptions } from './evaluate/draw-threads.ts';
import { evaluate, joinScores, type Evaluation } from './evaluate/evaluate.ts';
import { spreadOf, type Spread } from './evaluate/intervals.ts';
import { Seeds, withSeeds } from './evaluate/seeds.ts';
import type { Experiment } from './experiment.ts';
import { mixtureOf } from './extraction/row-set.ts';
import { json } from './output/manifest.ts';
import { renderPages } from './output/pages.ts';
import { collectResults, fittedArrays, scoresCsv } from './output/results.ts';
import {
  openRunFolder,
  reportDataFile,
  scoresFile,
  writePages,
  writeResults,
  type WrittenRun,
} from './output/run-folder.ts';
import { seenImages } from './output/seen-images.ts';
import { openExperiment } from './open-experiment.ts';
import { prepareDetectors, toldByContent } from './prepare-detectors.ts';
import type { PageMaker } from './plugins/catalogue.ts';
import { classNames, notesOn } from './prepare/datasets.ts';
import { collectReportData } from './report-data/collect-report-data.ts';
import type { ReportSources } from './report-data/sources.ts';
import { variantTime } from './report-data/variants.ts';
import { measureCosts } from './score/costs.ts';
import { KeptScores } from './score/kept.ts';
import type { DatasetScores } from './score/on-features.ts';
import { score } from './score/score.ts';
import { Entries } from './store/entries.ts';
import { storeFolder } from './store/store.ts';

/**
 * Runs an experiment: extract → fit → score → evaluate → write → report. Forward only: each stage continues from what
 * the previous one left in the store, so a run stopped at any moment does not start over. The results are written
 * before the report is made.
 *
 * @throws Interrupted if the signal stopped it; FaroutError for everything that is wrong with the request or the
 *   machine. A detector that fails does not throw: it is listed in the results.
 */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<FinishedRun> {
  const { out: asked, reporters, full = false, withReport = true, withCosts = false, onResults } = options;
  const pages = withReport ? [reportDataFile, ...reporters.map(({ file }) => file)] : [];
  const { folder, former } = await openRunFolder(asked, [scoresFile, ...pages], storeFolder(experiment));
  return withServices(experiment, options, async (services, watch, signal) => {
    const { results, scores, files, sources } = await findResults(experiment, services, watch, signal, withCosts);
    if (former && former.results.hashes.experiment !== results.hashes.experiment) {
      services.logger.warn(
        `This replaces the run of another experiment in ${folder}; to keep both, use another name or --out.`,
      );
    }
    const csv = { file: scoresFile, content: scoresCsv(Object.keys(results.thresholds), scores, results.classes) };
    const run = await writeResults(folder, results, [csv, ...files]);
    onResults?.({ results: run.results, out: folder });
    if (!withReport) return { results: run.results, out: folder };
    return { results: await addReport(run, sources, { reporters, full, watch, time: variantTime }), out: folder };
  });
}

/** The results of an experiment, and what its report is drawn from. */
interface Found {
  readonly results: RunResults;
  readonly scores: ReportSources['scores'];
  /** Learnt arrays. */
  readonly files: ReturnType<typeof fittedArrays>['files'];
  readonly sources: ReportSources & { readonly evaluation: Evaluation };
}

/** The stages of a run up to its results, which are not yet written. */
export async function findResults(
  whole: Experiment,
  services: Services,
  watch: Stopwatch,
  signal: AbortSignal,
  withCosts = false,
): Promise<Found> {
  const { backbone, datasets } = await watch.time('open', () => openExperiment(whole, services.progress));
  const sources = { backbone, datasets, services, watch, signal };
  const noted = [...backbone.notes, ...notesOn(datasets)];
  if (backbone.weights !== undefined) services.logger.info(backbone.weights);
  for (const note of noted) services.logger.warn(note);
  const opened = [...(backbone.weights === undefined ? [] : [backbone.weights]), ...noted];
  const choice = await chooseParameters({ ...sources, experiment: whole });
  const { experiment } = choice;
  const seeds = new Seeds(experiment);
  if (seeds.remark !== undefined) services.logger.warn(seeds.remark);
  const notes = [...opened, ...(seeds.remark === undefined ? [] : [seeds.remark])];
  const names = testedSets(experiment);
  const tested = new Map([...datasets].filter(([name]) => names.includes(name)));
  const prepared = await prepareDetectors({ ...sources, datasets: tested, experiment });
  const { sets, fitting } = prepared;
  const fitted = prepared.fitted.filter(seeds.isFirst);
  const leaks = refuseLeaks(experiment, toldByContent(choice.sets), toldByContent(sets));
  const compared = pick(sets, [...experiment.id, ...experiment.ood]);
  const kept = new KeptScores(new Entries(services));
  const scored = await watch.time('score', () => score(prepared.fitted, compared, { ...fitting, kept }));
  const evaluation = await watch.time('evaluate', () =>
    measured(experiment, scored.scores, { progress: services.progress, signal, seeds }),
  );
  const scores = seeds.firstScores(scored.scores);
  const costs = withCosts
    ? await watch.time('measure', () => measureCosts(fitted, firstOf(compared), fitting))
    : undefined;
  const arrays = fittedArrays(fitted);
  const seen = seenImages(experiment, new Map([...choice.sets, ...sets]));
  const classes = classNames(experiment, datasets);
  const mixture = mixtureOf(sets.values());
  if (mixture !== undefined) services.logger.warn(mixture);
  const failed = [...choice.failed, ...seeds.failures([...prepared.failed, ...scored.failed]), ...evaluation.failed];
  const results = await collectResults({
    ...{ experiment, device: services.device, backbone, classes, notes, seconds: watch.seconds },
    ...{
      choice: { ...choice, remarks: [...leaks, ...choice.remarks, ...(mixture === undefined ? [] : [mixture])] },
      sets,
      common: prepared.common,
    },
    ...{ passes: prepared.passes, costs, fitted: arrays.fitted, seen: seen.named },
    ...{ scores, evaluation, failed },
  });
  const drawnFrom = { experiment, classes, sets, scores, fitting, fitted, ...services, signal, evaluation };
  return { results, scores, files: [...arrays.files, ...seen.files], sources: drawnFrom };
}

/** Every number, with its variation over the images, unless it is a mean over seeds. */
async function measured(
  experiment: Experiment,
  scores: ReadonlyMap<string, DatasetScores>,
  { seeds, ...options }: DrawOptions & { readonly seeds: Seeds },
): Promise<Evaluation & Spread> {
  const { metrics, metricModules: modules, groups, seed } = experiment;
  const [id, ood] = [joinScores(experiment.id, scores), pick(scores, experiment.ood)];
  const names = withSeeds(experiment).map(({ name }) => name);
  const evaluation = seeds.means(evaluate(names, id, ood, metrics, groups));
  const isSingle = (name: string) => Object.hasOwn(evaluation.thresholds, name) && !seeds.repeated.has(name);
  const detectors = experiment.detectors.map(({ name }) => name).filter(isSingle);
  const results = evaluation.results.filter(({ detector }) => !seeds.repeated.has(detector));
  const spread = await spreadOf({ detectors, id, ood, groups, metrics, results, seed, modules }, options);
  const found = new Map(results.map((result, at) => [result, spread.results[at]!]));
  return { ...evaluation, ...spread, results: evaluation.results.map((result) => found.get(result) ?? result) };
}

const pick = <T>(all: ReadonlyMap<string, T>, names: readonly string[]): Map<string, T> =>
  new Map(names.map((name) => [name, all.get(name)!]));

const firstOf = <T>(all: ReadonlyMap<string, T>): T => all.values().next().value!;

/** Options of a report. */
interface ReportOptions {
  readonly reporters: readonly PageMaker[];
  readonly full: boolean;
  readonly watch: Stopwatch;
  /** Milliseconds that sections may take for detectors with other parameters; default: no limit. */
  readonly time?: number;
}

/**
 * Adds the report to a run whose results are written: the data it is drawn from, and the files that reporters make of it.
 *
 * @returns the results as results.json then contains them.
 * @throws FaroutError OOD_STORE_FAILED, OOD_OUTPUT_FAILED; the signal's reason. The results stay.
 */
export async function addReport(
  run: WrittenRun,
  sources: ReportSources & { readonly evaluation: Evaluation },
  { reporters, full, watch, time = Infinity }: ReportOptions,
): Promise<RunResults> {
  const { evaluation, logger } = sources;
  const data = await watch.time('report', () => collectReportData(sources, evaluation, time));
  const results = { ...run.results, seconds: { ...run.results.seconds, report: watch.seconds.report! } };
  const pages = await renderPages(reporters, { results, data, full }, sources);
  const whole = await writePages(run, results, [{ file: reportDataFile, content: [`${json(data)}\n`] }, ...pages]);
  if (whole) return whole.results;
  logger.warn(
    `Another run was written to ${run.folder} in the meantime; its report is kept, and this run's report is omitted.`,
  );
  return run.results;
}
